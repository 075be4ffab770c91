import { OptionError, type Principal } from '@gatewright/core'
import { demoPeople, refuseDemoInProduction } from './demo'
import { osUser } from './os-user'
import { wantsColor } from './paint'
import type { ConsoleInput, ConsoleOutput } from './streams'

/** Options of {@link consoleApprover}. All may be left out. */
export interface ConsoleApproverOptions {
  /** Stands in the log with every vote. @default 'console' */
  readonly name?: string
  /** The terminal's keyboard. @default process.stdin */
  readonly input?: ConsoleInput
  /** The terminal's screen. @default process.stdout, or process.stderr when only that is a terminal */
  readonly output?: ConsoleOutput
  /**
   * The groups that the person at this terminal belongs to. The host program vouches for them: a gate without a
   * directory believes it. With a directory they are not used.
   * @default none
   */
  readonly groups?: readonly string[]
  /**
   * Who sits at the terminal, if the host program has verified that by other means (a sign-in of its own).
   * @default the operating system's user, with assurance `local`
   */
  readonly reviewer?: Principal
  /**
   * For trying things out: you act as one of these people, and switch between them with `u`. `true` makes two, Ada
   * Moreno and Ben Okafor, members of `groups`. Refuses `NODE_ENV=production`.
   */
  readonly demo?: true | readonly Principal[]
  /**
   * The command that edits arguments, given a file as its last argument. `false`: edit on one line.
   * @default $VISUAL, or $EDITOR, or one line
   */
  readonly editor?: string | false
  /** @default true unless NO_COLOR is set */
  readonly color?: boolean
  /** Cells of a line, at least 20. @default the terminal's width, at most 120 */
  readonly width?: number
}

/** Options as the approver uses them. */
export interface ResolvedOptions {
  readonly name: string
  readonly input: ConsoleInput
  readonly output: ConsoleOutput
  readonly people: readonly [Principal, ...Principal[]]
  readonly demo: boolean
  readonly editor: string | null
  readonly color: boolean
  readonly width: number | null
}

const known = ['name', 'input', 'output', 'groups', 'reviewer', 'demo', 'editor', 'color', 'width'] as const

/**
 * Checks the options and fills in what is left out.
 *
 * @throws {OptionError} for a wrong value, an unknown option, and a demo in production
 */
export function resolveOptions(options: ConsoleApproverOptions): ResolvedOptions {
  for (const option of Object.keys(options)) {
    if (!(known as readonly string[]).includes(option)) {
      throw wrong(option, `is not an option. Known are: ${known.join(', ')}`)
    }
  }
  const { name = 'console', editor, color, width } = options
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    throw wrong('name', 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  }
  if (editor !== undefined && editor !== false && (typeof editor !== 'string' || editor.trim() === '')) {
    throw wrong('editor', 'must be a command, or false')
  }
  if (color !== undefined && typeof color !== 'boolean') throw wrong('color', 'must be true or false')
  if (width !== undefined && !(Number.isInteger(width) && width >= 20)) {
    throw wrong('width', 'must be a whole number of at least 20')
  }
  return {
    name,
    input: options.input ?? process.stdin,
    output:
      options.output ?? (process.stdout.isTTY || !process.stderr.isTTY ? process.stdout : process.stderr),
    people: people(options),
    demo: options.demo !== undefined,
    editor: editor === false ? null : (editor ?? process.env.VISUAL ?? process.env.EDITOR ?? null) || null,
    color: color ?? wantsColor(process.env),
    width: width ?? null,
  }
}

/**
 * A person must be able to see and to press keys.
 *
 * @throws {OptionError} when input or output is not a terminal, or one that cannot redraw a line
 */
export function requireTerminal({ input, output }: ResolvedOptions): void {
  const advice = 'Run the program in a terminal, or give the gate another approver'
  if (input.isTTY !== true || input.setRawMode === undefined) {
    throw wrong('input', `is not a terminal, so nobody could answer. ${advice}`)
  }
  if (output.isTTY !== true)
    throw wrong('output', `is not a terminal, so nobody could read what is asked. ${advice}`)
  if (process.env.TERM === 'dumb') {
    throw wrong('output', `is a terminal that cannot redraw a line (TERM=dumb). ${advice}`)
  }
}

function people(options: ConsoleApproverOptions): readonly [Principal, ...Principal[]] {
  const { groups, reviewer, demo } = options
  if (
    groups !== undefined &&
    !(Array.isArray(groups) && groups.every((group) => typeof group === 'string' && group !== ''))
  ) {
    throw wrong('groups', 'must be a list of group names')
  }
  if (demo !== undefined && reviewer !== undefined)
    throw wrong('reviewer', 'cannot be given together with demo')
  if (groups !== undefined && (reviewer !== undefined || Array.isArray(demo))) {
    throw wrong(
      'groups',
      "says the groups of the operating system's user, or of `demo: true`; the people given here state their own",
    )
  }
  if (demo !== undefined) {
    refuseDemoInProduction()
    if (demo !== true && !Array.isArray(demo)) throw wrong('demo', 'must be true, or a list of people')
    const [first, ...others] = demo === true ? demoPeople(groups ?? []) : demo
    if (first === undefined) throw wrong('demo', 'names nobody')
    for (const [index, person] of [first, ...others].entries()) requireHuman(`demo[${index}]`, person)
    return [first, ...others]
  }
  if (reviewer === undefined) return [osUser(groups)]
  requireHuman('reviewer', reviewer)
  return [reviewer]
}

function requireHuman(option: string, person: Principal): void {
  if (person?.type !== 'human')
    throw wrong(option, 'must be a human principal: agents and services cannot vote')
  for (const field of ['issuer', 'subject', 'name'] as const) {
    if (typeof person[field] !== 'string' || person[field] === '')
      throw wrong(`${option}.${field}`, 'must be a text')
  }
  if (!Array.isArray(person.groups)) throw wrong(`${option}.groups`, 'must be a list of group names')
  if (typeof person.assurance?.method !== 'string')
    throw wrong(`${option}.assurance`, 'must say how the person was verified')
}

function wrong(option: string, problem: string): OptionError {
  return new OptionError(`consoleApprover.${option}`, problem)
}
