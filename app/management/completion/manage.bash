# Completion of ./manage for bash 4.3 or newer, wherever it is called from.
# In this shell:       source <(./manage completion bash)
# In every new shell:  ./manage completion bash > ~/.local/share/bash-completion/completions/manage
#                      (without the package bash-completion: source that file in ~/.bashrc)
# Tab runs the ./manage that you have typed.

_fastvue_manage() {
  COMPREPLY=()
  local program=$1
  [[ $program == '~/'* ]] && program=$HOME/${program:2}
  program=$(type -P -- "$program") || return 0
  [[ -f $program.ts ]] || return 0 # another program of this name
  # Bash has parted the words at ":", "=" and "@" too, and goes on from the last such part, $2.
  local typed=${COMP_LINE:0:COMP_POINT} IFS=$' \t\n'
  local -a words
  read -r -d '' -a words <<< "$typed"
  [[ $typed == *[[:space:]] ]] && words+=('')
  local before=${words[-1]%"$2"} kind value _
  {
    IFS= read -r kind
    if [[ $kind == files ]]; then
      compopt -o default
    elif [[ $kind == values ]]; then
      while IFS=$'\t' read -r value _; do
        COMPREPLY+=("${value#"$before"}")
      done
    fi
  } < <("$program" complete -- "${words[@]:1}" 2> /dev/null < /dev/null)
}
complete -F _fastvue_manage manage
