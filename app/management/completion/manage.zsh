#compdef manage
# Completion of ./manage for zsh, wherever it is called from.
# In this shell:       source <(./manage completion zsh)
# In every new shell:  ./manage completion zsh > FOLDER/_manage, in a folder of your $fpath; then start a new shell
# Both need the completion system: autoload -Uz compinit && compinit
# Tab runs the ./manage that you have typed.

_manage() {
  local program kind line
  local -a lines values
  program=$(whence -p -- "${${(Q)words[1]}/#\~\//$HOME/}") || return 1
  [[ -f $program.ts ]] || return 1 # another program of this name
  lines=("${(@f)$("$program" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null < /dev/null)}")
  if [[ $lines[1] == files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  elif [[ $lines[1] == values ]]; then
    for line in "${(@)lines[2,-1]}"; do values+=("${line/$'\t'/:}"); done
    _describe manage values
  fi
}
if [[ $funcstack[1] == _manage ]]; then
  _manage "$@"
else
  compdef _manage manage
fi
