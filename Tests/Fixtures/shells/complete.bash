prefix=$1
for line in "${@:2}"; do
  read -ra COMP_WORDS <<<"$line"
  [[ $line != *' ' ]] || COMP_WORDS+=('')
  COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  tool=${COMP_WORDS[0]}
  . "$prefix/share/bash-completion/completions/$tool"
  [[ $(complete -p "$tool") == *"-o default"* ]] || echo "files are not completed"
  "_$tool" "$tool" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  echo "${COMPREPLY[*]}"
done
