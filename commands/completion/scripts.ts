import { fileNames } from './complete.ts';

/** What makes a shell ask `heddle complete` for words. */
export const scripts = {
  bash: `_heddle() {
  local IFS=$'\\n'
  COMPREPLY=($(heddle complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "\${COMPREPLY[0]}" = '${fileNames}' ]; then
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _heddle heddle
`,
  zsh: `#compdef heddle
_heddle() {
  local -a found
  found=("\${(@f)$(heddle complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == '${fileNames}' ]]; then _files; else compadd -- $found; fi
}
compdef _heddle heddle
`,
  fish: `function __heddle_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (heddle complete -- $words[2..-1] 2>/dev/null)
  if test "$found[1]" = '${fileNames}'
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c heddle -f -a '(__heddle_complete)'
`,
} as const;

/** Of which there are scripts. */
export const shells = Object.keys(scripts) as readonly (keyof typeof scripts)[];
