zmodload zsh/zpty
result=$(mktemp)
zpty shell zsh -f -i
zpty -w shell "fpath=(${(q)1}/share/zsh/site-functions \$fpath); autoload -Uz compinit; compinit -u -D"
# The key ^X writes the line to a file and clears it.
zpty -w shell "keep() { print -r -- \"\$BUFFER\" >>${(q)result}; BUFFER=; zle -R KEPT; }
zle -N keep; bindkey '^X' keep; print RE''ADY"
zpty -r shell output '*READY*'
for line in "${@:2}"; do
  zpty -w -n shell "$line"$'\t'
  zpty -w -n shell $'\C-x'
  zpty -r shell output '*KEPT*'
done
zpty -d shell
cat $result
rm -f $result
