import { type CommandChoice, firstWords, groupsOf, type Value } from './choices'

/**
 * A script for bash 3.2 or newer, and nothing else: no `bash-completion` is needed.
 *
 * @param choices - of all commands
 */
export function bashScript(choices: readonly CommandChoice[]): string {
  const groups = [...groupsOf(choices)]
  const first = [...firstWords(choices).keys()].join(' ')
  return `# bash completion for gatewright. Use it with: eval "$(gatewright completion bash)"
__gatewright_words() { COMPREPLY=($(compgen -W "$1" -- "$word")); }
# One a line, since names may hold spaces.
__gatewright_paths() { local IFS=$'\\n'; COMPREPLY=($(compgen "$1" -- "$word")); }
_gatewright() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at name
  COMPREPLY=()
  # Bash makes three words of --option=value.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  # What follows -- is the command line of another program.
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == -- ]]; then
      if ((at == COMP_CWORD - 1)); then __gatewright_paths -c; else __gatewright_paths -f; fi
      return
    fi
  done
  if ((COMP_CWORD == 1)); then
    __gatewright_words '${first} --help --version'
    return
  fi
  name=\${COMP_WORDS[1]}
  case $name in
${groups.map(([group, commands]) => groupCase(group, commands)).join('\n')}
    help)
      if [[ $word != -* ]]; then
        if ((COMP_CWORD == 2)); then
          __gatewright_words '${first}'
          return
        fi
        case \${COMP_WORDS[2]} in
${groups.map(([group, commands]) => `          ${group}) __gatewright_words '${seconds(commands)}' ;;`).join('\n')}
        esac
        return
      fi ;;
  esac
  case $name in
${choices.map(commandCase).join('\n')}
  esac
}
complete -o filenames -F _gatewright gatewright
`
}

function seconds(commands: readonly CommandChoice[]): string {
  return commands.map(({ words }) => words[1] ?? '').join(' ')
}

function groupCase(group: string, commands: readonly CommandChoice[]): string {
  return `    ${group})
      if ((COMP_CWORD == 2)); then
        __gatewright_words '${seconds(commands)} --help'
        return
      fi
      name="$name \${COMP_WORDS[2]}" ;;`
}

function commandCase({ options, takes, words }: CommandChoice): string {
  const names = options.flatMap(({ name, short }) => [`--${name}`, ...(short === null ? [] : [`-${short}`])])
  const own = `__gatewright_words '${names.join(' ')}'`
  const values = options.flatMap(({ name, short, value }) =>
    value === null
      ? []
      : [`        --${name}${short === null ? '' : `|-${short}`}) ${replyOf(value)}; return ;;`],
  )
  const ofOption = values.length === 0 ? [] : ['      case $before in', ...values, '      esac']
  return [
    `    '${words.join(' ')}')`,
    ...ofOption,
    takes === null
      ? `      ${own} ;;`
      : `      if [[ $word == -* ]]; then ${own}; else ${replyOf(takes)}; fi ;;`,
  ].join('\n')
}

function replyOf(value: Value): string {
  if (value === 'file') return '__gatewright_paths -f'
  if (value === 'directory') return '__gatewright_paths -d'
  if (value === 'command') return '__gatewright_paths -c'
  return value === 'any' ? ':' : `__gatewright_words '${value.join(' ')}'`
}
