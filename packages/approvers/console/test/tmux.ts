import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VoteInput } from '@gatewright/core'
import { bundled } from '../../../../tests/bundled'
import type { Scenario } from './terminal-program'

/** The programs of this folder, for {@link TerminalSession.start}. */
export const programs = await bundled(import.meta.dirname, ['gate-program.ts', 'terminal-program.ts'])
const deadlineMs = 40_000
const pollMs = 25
const againMs = 1500

const hasTmux = spawnSync('tmux', ['-V']).status === 0

/** What a suite in a terminal is called, and whether it has to be left out. */
export const tmuxSuite = {
  skip: !hasTmux,
  name: hasTmux ? 'in a real terminal' : 'in a real terminal (skipped: tmux is not installed)',
}

/** A shell in a real terminal. */
export interface TerminalSession {
  /** What stands on the screen and above it, without trailing blanks. */
  text(): string
  /** The same with colours. */
  colored(): string
  /** The last line that is not empty. */
  lastLine(): string
  /** Presses keys, each by itself: characters, or tmux's names (`Enter`, `Escape`, `C-c`). */
  press(...keys: readonly string[]): void
  /** Types a text as one chunk. */
  type(text: string): void
  /** Pastes as terminals do, with or without saying so. */
  paste(text: string, bracketed: boolean): void
  /** Polls until the screen shows it; fails with the screen after {@link deadlineMs}. */
  see(what: string | RegExp): Promise<void>
  /** Polls until it is so. */
  until(what: string, check: () => boolean): Promise<void>
  /** What the program made the terminal's title. */
  title(): string
  /** Starts the program that asks what a scenario says, perhaps redirected. */
  run(scenario: Scenario, environment?: Readonly<Record<string, string>>, redirection?: string): void
  /** Starts another program: a file that `node` runs as it is. */
  start(program: string, environment: Readonly<Record<string, string>>, redirection?: string): void
  /** The process of the test program. */
  pid(): number
  /** Has the test program do its next step. */
  step(): void
  /** The votes so far. */
  votes(): VoteInput[]
  resize(columns: number, rows: number): void
  readonly directory: string
  close(): void
}

/** Opens terminals for one test, and closes them after it: a vitest fixture, so that tests may run side by side. */
export async function terminals(
  { task: _task }: { readonly task: unknown },
  use: (open: typeof openTerminal) => Promise<void>,
): Promise<void> {
  const opened: TerminalSession[] = []
  try {
    await use((size) => {
      const session = openTerminal(size)
      opened.push(session)
      return session
    })
  } finally {
    for (const session of opened) session.close()
  }
}

/** Presses a key until the screen shows what it does: keys mean nothing in the first moment of a card. */
export async function pressUntil(at: TerminalSession, key: string, seen: string): Promise<void> {
  let next = 0
  await at.until(seen, () => {
    if (at.text().includes(seen)) return true
    if (Date.now() < next) return false
    at.press(key)
    next = Date.now() + againMs
    return false
  })
}

/** Opens a terminal of its own tmux server. */
function openTerminal({ columns = 80, rows = 50 } = {}): TerminalSession {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-test-'))
  const socket = join(directory, 'tmux')
  const votesFile = join(directory, 'votes')
  const pidFile = join(directory, 'pid')
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: directory,
    LANG: 'C.UTF-8',
    PS1: '$ ',
    TMPDIR: directory,
  }
  const shell = [
    'env',
    '-i',
    ...Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    'TERM=screen-256color',
    'sh',
  ]

  function tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  }

  function capture(...flags: readonly string[]): string {
    return tmux('capture-pane', '-p', '-S', '-', '-t', 'test', ...flags).trimEnd()
  }

  async function until(what: string, check: () => boolean): Promise<void> {
    const end = Date.now() + deadlineMs
    while (!check()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${what}. The screen:\n${capture()}`)
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  tmux('new-session', '-d', '-s', 'test', '-x', String(columns), '-y', String(rows), ...shell)

  const session: TerminalSession = {
    directory,
    text: () => capture(),
    colored: () => capture('-e'),
    lastLine: () => capture().split('\n').at(-1) ?? '',
    press(...keys) {
      for (const key of keys) tmux('send-keys', '-t', 'test', key)
    },
    type(text) {
      tmux('send-keys', '-t', 'test', '-l', text)
    },
    paste(text, bracketed) {
      tmux('set-buffer', text)
      tmux('paste-buffer', '-t', 'test', ...(bracketed ? ['-p'] : []))
    },
    see: (what) =>
      until(String(what), () => (typeof what === 'string' ? capture().includes(what) : what.test(capture()))),
    until,
    title: () => tmux('display-message', '-p', '-t', 'test', '#{pane_title}'),
    run(scenario, environment = {}, redirection = '') {
      const variables = { SCENARIO: JSON.stringify(scenario), VOTES: votesFile, ...environment }
      this.start(programs['terminal-program.ts'], variables, redirection)
    },
    start(program, variables, redirection = '') {
      const exports = Object.entries(variables).map(([key, value]) => `export ${key}=${quote(value)}`)
      const command = `exec ${quote(process.execPath)} ${quote(program)}`
      const file = join(directory, 'run.sh')
      writeFileSync(file, [...exports, `echo $$ > ${quote(pidFile)}`, command].join('\n'))
      this.type(`sh ${file} ${redirection}; echo "exit code $?"`)
      this.press('Enter')
    },
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    step() {
      process.kill(this.pid(), 'SIGUSR2')
    },
    votes() {
      try {
        return readFileSync(votesFile, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      } catch {
        return []
      }
    },
    resize(nextColumns, nextRows) {
      tmux('resize-window', '-t', 'test', '-x', String(nextColumns), '-y', String(nextRows))
    },
    close() {
      spawnSync('tmux', ['-S', socket, 'kill-server'])
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return session
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
