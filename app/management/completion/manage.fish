# Completion of ./manage for fish, wherever it is called from.
# In this shell:       ./manage completion fish | source
# In every new shell:  ./manage completion fish > ~/.config/fish/completions/manage.fish
# Tab runs the ./manage that you have typed.

function __fastvue_manage
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    string match -q -- '~/*' $program; and set program $HOME/(string sub -s 3 -- $program)
    set program (command -s -- $program); or return
    test -f "$program.ts"; or return # another program of this name
    set -l lines ($program complete -- $words[2..-1] "$current" 2> /dev/null < /dev/null)
    switch "$lines[1]"
        case files
            set -l flag (string match -r -- '^--[a-z-]+=' $current)
            __fish_complete_path (string replace -r -- '^--[a-z-]+=' '' "$current") | string replace -r -- '^' "$flag"
        case values
            string join -- \n $lines[2..-1]
    end
end
complete -c manage -e
complete -c manage -f -a '(__fastvue_manage)'
