for line in $argv[2..]
    source $argv[1]/share/fish/vendor_completions.d/(string split -f 1 ' ' -- $line).fish
    echo (complete -C $line | string split -f 1 \t)
end
