import { type CommandChoice, firstWords, groupsOf, type OptionChoice, type Value } from './choices'

/**
 * A script for zsh 5. It can be sourced, or saved as `_gatewright` in a folder of `$fpath`.
 *
 * @param choices - of all commands
 */
export function zshScript(choices: readonly CommandChoice[]): string {
  const groups = groupsOf(choices)
  return `#compdef gatewright
# zsh completion for gatewright. Use it with: source <(gatewright completion zsh)
_gatewright() {
  local -i behind=$words[(i)--]
  local helping= name
  # Not "commands": that is zsh's own table of programs, which completing one behind -- reads.
  local -a choices
  # What follows -- is the command line of another program, and is completed as that.
  if ((behind < CURRENT)); then
    shift $behind words
    ((CURRENT -= behind))
    _normal
    return
  fi
  # What can be explained is what can be given.
  if [[ $words[2] == help && $words[CURRENT] != -* ]] && ((CURRENT > 2)); then
    helping=1
    shift words
    ((CURRENT--))
  fi
  name=$words[2]
  if ((CURRENT == 2)); then
    choices=(${described([...firstWords(choices)])})
    [[ -n $helping ]] || choices+=(${described([
      ['--help', 'list the commands'],
      ['--version', 'print the version'],
    ])})
    _describe 'command' choices
    return
  fi
  case $name in
${[...groups].map(([group, commands]) => groupCase(group, commands)).join('\n')}
  esac
  [[ -z $helping ]] || return
  shift words
  ((CURRENT--))
  case $name in
${choices.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _gatewright ]]; then
  _gatewright "$@"
elif (($+functions[compdef])); then
  compdef _gatewright gatewright
else
  print -u2 'gatewright: nothing is completed: zsh needs "autoload -Uz compinit && compinit" before this line'
fi
`
}

function groupCase(group: string, commands: readonly CommandChoice[]): string {
  const rows = commands.map(({ about, words }) => [words[1] ?? '', about] as const)
  return `    ${group})
      if ((CURRENT == 3)); then
        choices=(${described(rows)})
        [[ -n $helping ]] || choices+=(${described([['--help', 'list the commands']])})
        _describe 'command' choices
        return
      fi
      name="$name $words[3]"
      shift words
      ((CURRENT--)) ;;`
}

function commandCase({ options, takes, words }: CommandChoice): string {
  const specs = options.map(specOf)
  if (takes === 'command') specs.push("'*::command:_normal'")
  else if (takes !== null) specs.push(`'*:argument:${actionOf(takes)}'`)
  return `    '${words.join(' ')}')\n      _arguments -S \\\n        ${specs.join(' \\\n        ')} ;;`
}

function specOf({ about, multiple, name, short, value }: OptionChoice): string {
  const rest = `[${inSpec(about)}]${value === null ? '' : `:${name}:${actionOf(value)}`}`
  const once = (names: string) => (multiple ? '*' : names)
  // With "=", zsh takes its value behind that too.
  const long = value === null ? `--${name}` : `--${name}=`
  if (short === null) return quoted(`${once('')}${long}${rest}`)
  return `${quoted(once(`(-${short} --${name})`))}{-${short},${long}}${quoted(rest)}`
}

function actionOf(value: Value): string {
  if (value === 'file') return '_files'
  if (value === 'directory') return '_files -/'
  if (value === 'command') return '_command_names'
  return value === 'any' ? ' ' : `(${value.join(' ')})`
}

/** Rows for `_describe`. */
function described(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([word, about]) => quoted(`${word}:${about.replaceAll(':', '\\:')}`)).join(' ')
}

function inSpec(about: string): string {
  return about.replaceAll(/[[\]\\:]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
