import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A person's shell: what it reads when it starts, and where that person stands. */
export interface Desk {
  readonly home: string
  /** The directory of the shell. */
  readonly cwd: string
  /** Where programs are, before those of this computer. */
  readonly programs: string
  /** What `gatewright completion` printed for this shell. */
  readonly script: string
}

/** A shell that completes command lines. */
export interface Shell {
  readonly name: 'bash' | 'zsh' | 'fish'
  /** It is not installed here. */
  readonly missing: boolean
  /** It offers options only where a dash is written. */
  readonly optionsByDash: boolean
  /**
   * What it offers for a line, the last word of which is being written.
   *
   * @throws Error when the shell fails, or does not answer within a minute
   */
  offers(at: Desk, words: readonly string[]): readonly string[]
}

/** Every shell for which there is a script. */
export const SHELLS: readonly Shell[] = [
  { name: 'bash', missing: isMissing('bash'), optionsByDash: false, offers: bashOffers },
  {
    name: 'zsh',
    missing: isMissing('zsh'),
    optionsByDash: false,
    offers: (at, words) => inZsh(at, words).offered,
  },
  { name: 'fish', missing: isMissing('fish'), optionsByDash: true, offers: fishOffers },
]

/** What zsh makes of a line when Tab is pressed behind it. */
export function zshCompletes(at: Desk, words: readonly string[]): string {
  return inZsh(at, words).line
}

/** What a shell prints for a program of its own, which begins with nothing but what the person's files say. */
export function saying(
  at: Desk,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  return execFileSync(file, args, {
    cwd: at.cwd,
    env: {
      HOME: at.home,
      LANG: 'C.UTF-8',
      PATH: `${at.programs}:${process.env.PATH ?? ''}`,
      TERM: 'xterm',
      ZDOTDIR: at.home,
      ...env,
    },
    encoding: 'utf8',
    timeout: 60_000,
  })
}

function isMissing(shell: string): boolean {
  return spawnSync(shell, ['--version']).status !== 0
}

/** Bash gives a completion its words, and takes what it leaves. */
function bashOffers(at: Desk, words: readonly string[]): readonly string[] {
  const file = join(at.home, 'gatewright.bash')
  writeFileSync(file, at.script)
  const program = `eval "$(<"$SCRIPT")"
COMP_WORDS=(gatewright "$@"); COMP_CWORD=$#
complete -p gatewright >/dev/null || exit 9
_gatewright; printf '%s\\n' "\${COMPREPLY[@]}"`
  return asOffered(saying(at, 'bash', ['--norc', '-c', program, 'bash', ...words], { SCRIPT: file }))
}

/** A real zsh at a terminal of its own: it writes the line, presses Tab, and tells what is added to its list. */
const ZSHRC = `PS1=
autoload -Uz compinit && compinit -u -d $HOME/zcompdump
[[ ! -f $HOME/gatewright.zsh ]] || source $HOME/gatewright.zsh
[[ ! -f $HOME/more.zsh ]] || source $HOME/more.zsh
zstyle ':completion:*' insert-tab false
compadd() {
  local -a offered
  # With one of these nothing is offered: matches go to a variable.
  if (( ! \${@[(I)-[AOD]]} )); then
    builtin compadd -O offered "$@"
    print -rl -- $offered >>$HOME/offered
  fi
  builtin compadd "$@"
}
zle-line-init() {
  BUFFER=$TYPED CURSOR=$#TYPED
  zle complete-word
  print -r -- "$BUFFER" >$HOME/line
  exit
}
zle -N zle-line-init`

function inZsh(at: Desk, words: readonly string[]) {
  writeFileSync(join(at.home, '.zshrc'), ZSHRC)
  writeFileSync(join(at.home, 'gatewright.zsh'), at.script)
  writeFileSync(join(at.home, 'offered'), '')
  rmSync(join(at.home, 'line'), { force: true })
  const program = 'zmodload zsh/zpty && zpty inner zsh -d -i; while zpty -r inner said; do :; done; true'
  saying(at, 'zsh', ['-f', '-c', program], { TYPED: lineOf(words) })
  return {
    offered: asOffered(readFileSync(join(at.home, 'offered'), 'utf8').replaceAll('\\', '')),
    line: readFileSync(join(at.home, 'line'), 'utf8').trimEnd(),
  }
}

/** Fish tells by itself, with a description behind each; its completions lie where their help says. */
function fishOffers(at: Desk, words: readonly string[]): readonly string[] {
  const folder = join(at.home, '.config/fish/completions')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'gatewright.fish'), at.script)
  return asOffered(saying(at, 'fish', ['-c', 'complete -C "$TYPED"'], { TYPED: lineOf(words) }))
}

function lineOf(words: readonly string[]): string {
  return ['gatewright', ...words.map((word) => word.replaceAll(' ', '\\ '))].join(' ')
}

/** Each once, without what is said of it, and without the slash of a folder. */
function asOffered(lines: string): readonly string[] {
  const offered = lines.split('\n').map((line) => line.replace(/\t.*/, '').replace(/\/$/, ''))
  return [...new Set(offered)].filter((one) => one !== '').sort()
}
