import type { Retention } from './engine/retention'
import type { GateSettings } from './engine/settings'
import { OptionError } from './errors'
import type { GateOptions } from './gate-options'
import type { PersonalFields, PersonalOptions } from './present/personal'
import { plainKey } from './present/redaction'
import { checkFunction, checkList, checkSpan, checkSwitch, isObject, isText, optional } from './values/checks'
import { checkOptions, readOptions } from './values/options'
import type { SnapshotLimits } from './values/snapshot'

/** What a part of a gate must have to be one: the methods and properties that are used without asking. */
const PARTS = {
  store: [
    'now',
    'create',
    'transition',
    'get',
    'getMany',
    'getByKey',
    'list',
    'similar',
    'due',
    'changes',
    'forget',
    'close',
  ],
  audit: ['append', 'close'],
  directory: ['resolve'],
  clock: ['now', 'setTimer'],
  logger: ['info', 'warn', 'error'],
} as const

/**
 * Checks what parsing does not look at: a part that is none would fail, or open the gate, only when it is first needed.
 *
 * @throws OptionError naming the option
 */
export function checkParts(options: GateOptions): void {
  for (const name of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    // A gate may say that it has no log; every other part that is given must be one.
    if (name !== 'audit' || options.audit !== null) checkMethods(options[name], name)
  }
  if (options.audit != null && !isText(options.audit.logId))
    throw new OptionError('createGate.audit', 'must have a logId')
}

/**
 * The most that each limit may be: what nests deeper ends the stack of whoever walks it, and what is larger fits neither a
 * string nor a page.
 */
const HIGHEST_LIMITS: Readonly<Required<SnapshotLimits>> = {
  depth: 500,
  characters: 100_000_000,
  values: 10_000_000,
}

/**
 * Reads the bounds on arguments, once: what the caller does to its object later bounds nothing (T31).
 *
 * @throws OptionError naming the limit
 */
export function parseLimits(limits: GateOptions['limits']): SnapshotLimits {
  if (limits === undefined) return {}
  const names = Object.keys(HIGHEST_LIMITS) as (keyof SnapshotLimits)[]
  checkOptions(limits, names, 'createGate.limits')
  const read: { -readonly [Name in keyof SnapshotLimits]: number } = {}
  for (const name of names) {
    const limit = limits[name]
    if (limit === undefined) continue
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > HIGHEST_LIMITS[name]) {
      const most = HIGHEST_LIMITS[name].toLocaleString('en')
      throw new OptionError(`createGate.limits.${name}`, `must be a whole number from 1 to ${most}`)
    }
    read[name] = limit
  }
  return Object.freeze(read)
}

/** @throws OptionError unless it is a principal or `null`: an owner that is compared with nobody excludes nobody (I4) */
export function checkOwner(owner: unknown): void {
  if (owner === null) return
  const isPrincipal =
    isObject(owner) && isText(owner['issuer']) && isText(owner['subject']) && isObject(owner['assurance'])
  if (!isPrincipal)
    throw new OptionError(
      'createGate.agent.owner',
      'must be person(issuer, subject), or null to say "nobody"',
    )
}

function checkMethods(part: unknown, name: keyof typeof PARTS): void {
  if (part === undefined) return
  const missing = PARTS[name].find(
    (method) => typeof (part as Record<string, unknown> | null)?.[method] !== 'function',
  )
  if (missing !== undefined) throw new OptionError(`createGate.${name}`, `has no method "${missing}"`)
}

/** Reads what is hidden everywhere (T43): a rule that is not understood would hide nothing. @throws OptionError naming it */
export function parseRedact(redact: GateOptions['redact'] = {}): GateSettings['redact'] {
  const read = readOptions(redact, ['keys', 'patterns'], 'createGate.redact')
  return {
    keys: read('keys', checkList, 'key names', isText),
    patterns: read('patterns', checkList, 'regular expressions', (pattern) => pattern instanceof RegExp),
  }
}

/**
 * Checks the option `personal` of a gate.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parsePersonal(options: PersonalOptions | undefined): PersonalFields | null {
  if (options === undefined) return null
  const read = readOptions(options, ['keys', 'people', 'words'], 'createGate.personal')
  const keys = read(
    'keys',
    checkList,
    'names of arguments',
    (key) => typeof key === 'string' && plainKey(key) !== '',
  )
  return {
    keys: new Set(keys.map(plainKey)),
    people: read('people', checkSwitch),
    words: read('words', checkSwitch),
  }
}

/**
 * Checks the option `retention` of a gate.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseRetention(retention: GateOptions['retention']): Retention | null {
  if (retention === undefined) return null
  const read = readOptions(retention, ['after', 'every', 'archive'], 'createGate.retention')
  return {
    afterMs: read('after', checkSpan),
    everyMs: read('every', (every = '1h', option) => checkSpan(every, option)),
    archive: read('archive', optional(checkFunction)),
  }
}
