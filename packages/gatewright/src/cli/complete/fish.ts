import { type CommandChoice, firstWords, groupsOf, type OptionChoice, type Value } from './choices'

/** What the conditions of the script are made of. */
const FUNCTIONS = `# fish completion for gatewright. Use it with: gatewright completion fish | source
# The words of the command that are written so far, and are no options.
function __gatewright_words
  set -l words (commandline -opc)
  for word in $words[2..-1]
    test "$word" = --; and break
    string match -q -- '-*' $word; or echo $word
  end
end
# The next word of a command is due, behind those that are given. What can be explained is what can be given.
function __gatewright_next
  set -l own (__gatewright_words)
  test "$own" = "$argv"; and return
  set -l help help $argv
  test "$own" = "$help"
end
# These are exactly the words so far.
function __gatewright_only
  set -l own (__gatewright_words)
  test "$own" = "$argv"
end
# The command with these words is being written.
function __gatewright_at
  set -l own (__gatewright_words)
  set -l last (count $argv)
  test (count $own) -ge $last; and test "$own[1..$last]" = "$argv"
end
# What follows -- is the command line of another program, and is completed as that.
function __gatewright_behind
  set -l words (commandline -opc)
  set -l at (contains -i -- -- $words); or return
  set -l begun (string escape -- $words[(math $at + 1)..-1]) (commandline -ct)
  complete -C "$begun"
end
complete -c gatewright -f
complete -c gatewright -n __gatewright_only -l help -s h -d 'list the commands'
complete -c gatewright -n __gatewright_only -l version -s v -d 'print the version'`

/**
 * A script for fish 3 or newer.
 *
 * @param choices - of all commands
 */
export function fishScript(choices: readonly CommandChoice[]): string {
  const lines = [FUNCTIONS]
  for (const [word, about] of firstWords(choices)) lines.push(nextWord([], word, about))
  for (const [group, commands] of groupsOf(choices)) {
    lines.push(`complete -c gatewright -n '__gatewright_only ${group}' -l help -s h -d 'list the commands'`)
    for (const { about, words } of commands) lines.push(nextWord([group], words[1] ?? '', about))
  }
  for (const { options, takes, words } of choices) {
    const when = `complete -c gatewright -n '__gatewright_at ${words.join(' ')}'`
    lines.push(...options.map((option) => `${when} ${optionOf(option)}`))
    if (takes !== null && takes !== 'any') lines.push(`${when} ${argumentsOf(takes)}`)
  }
  return `${lines.join('\n')}\n`
}

function nextWord(before: readonly string[], word: string, about: string): string {
  const when = ['__gatewright_next', ...before].join(' ')
  return `complete -c gatewright -n '${when}' -a ${word} -d ${quoted(about)}`
}

function optionOf({ about, name, short, value }: OptionChoice): string {
  const names = `-l ${name}${short === null ? '' : ` -s ${short}`}`
  return `${names}${value === null ? '' : whatFollows(value)} -d ${quoted(about)}`
}

function whatFollows(value: Value): string {
  if (value === 'any') return ' -x'
  // Files and nothing else, or no files.
  return value === 'file' ? ` -r ${argumentsOf(value)}` : ` -x ${argumentsOf(value)}`
}

function argumentsOf(value: Exclude<Value, 'any'>): string {
  if (value === 'file') return '-F'
  if (value === 'command') return "-a '(__gatewright_behind)'"
  if (value === 'directory') return "-a '(__fish_complete_directories)'"
  // Each with no description of its own, or it would get that of the option.
  return `-a '${value.map((word) => `${word}\\t`).join(' ')}'`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
