/// The completion script for each shell. All call the program (`CompletionAnswer`), so that scripts need not be updated
/// with new versions.
enum CompletionScript {
  static func of(_ shell: CompletionCommand.Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private static let bash = #"""
    # bash completion for deskrun
    _deskrun() {
        local line=${COMP_LINE:0:COMP_POINT} head="" answer word file prefix
        local -a words
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=("")
        local program=${words[0]} current=${words[${#words[@]}-1]}
        [[ $program == "~/"* ]] && program=$HOME/${program#"~/"}
        # readline replaces what follows the last of its word breaks.
        local breaks=${COMP_WORDBREAKS//[^=:@]/}
        [[ -n $breaks && $current == *[$breaks]* ]] && head=${current%"${current##*[$breaks]}"}
        COMPREPLY=()
        while IFS= read -r answer; do
            if [[ $answer == :files:* ]]; then
                prefix=${answer#:files:}
                compopt -o filenames 2>/dev/null
                while IFS= read -r file; do
                    word=$prefix$file
                    COMPREPLY+=("${word#"$head"}")
                done < <(compgen -f -- "${current#"$prefix"}")
            else
                word=${answer%%$'\t'*}
                [[ $word == *[=:@] ]] && compopt -o nospace 2>/dev/null
                COMPREPLY+=("${word#"$head"}")
            fi
        done < <("$program" __complete -- "${words[@]:1}" 2>/dev/null)
    }
    complete -F _deskrun deskrun
    """#

  private static let zsh = #"""
    #compdef deskrun
    # zsh completion for deskrun
    _deskrun() {
        local answer word head
        local -a given described open
        given=("${(@Q)words[2,CURRENT]}")
        given[-1]=${(Q)PREFIX}
        while IFS= read -r answer; do
            if [[ $answer == :files:* ]]; then
                head=${answer#:files:}
                [[ -n $head ]] && compset -P "${(b)head}"
                _files
                continue
            fi
            word=${answer%%$'\t'*}
            answer=${answer#*$'\t'}
            if [[ $word == *[=:@] ]]; then
                open+=("${word//:/\\:}:$answer")
            else
                described+=("${word//:/\\:}:$answer")
            fi
        done < <("${(Q)~words[1]}" __complete -- "${given[@]}" 2>/dev/null)
        (( $#described )) && _describe -t values deskrun described
        (( $#open )) && _describe -t values deskrun open -S ''
    }
    if [[ $funcstack[1] == _deskrun ]]; then
        _deskrun "$@"
    else
        compdef _deskrun deskrun
    fi
    """#

  private static let fish = #"""
    # fish completion for deskrun
    function __deskrun_complete
        set -l current (commandline -ct)
        set -l words (commandline -opc)
        for answer in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
            if string match -q -- ':files:*' $answer
                set -l head (string sub -s 8 -- $answer)
                set -l length (string length -- "$head")
                for file in (__fish_complete_path (string sub -s (math $length + 1) -- "$current"))
                    echo -- $head$file
                end
            else
                echo -- $answer
            end
        end
    end
    complete -c deskrun -f -a '(__deskrun_complete)'
    """#
}
