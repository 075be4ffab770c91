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
  local name=$words[2]
  local -a commands
  if ((CURRENT == 2)); then
    commands=(${described([...firstWords(choices)])})
    _describe 'command' commands
    return
  fi
  case $name in
${[...groups].map(([group, commands]) => groupCase(group, commands)).join('\n')}
    help)
      commands=(${described([...firstWords(choices)])})
      ((CURRENT == 3)) && _describe 'command' commands
      return ;;
  esac
  shift words
  ((CURRENT--))
  case $name in
${choices.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _gatewright ]]; then _gatewright "$@"; else compdef _gatewright gatewright; fi
`
}

function groupCase(group: string, commands: readonly CommandChoice[]): string {
  const rows = commands.map(({ about, words }) => [words[1] ?? '', about] as const)
  return `    ${group})
      if ((CURRENT == 3)); then
        commands=(${described(rows)})
        _describe 'command' commands
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
  if (short === null) return quoted(`${once('')}--${name}${rest}`)
  return `${quoted(once(`(-${short} --${name})`))}{-${short},--${name}}${quoted(rest)}`
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
