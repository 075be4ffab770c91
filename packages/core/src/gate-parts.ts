import { OptionError } from './errors'
import type { GateOptions } from './gate-options'
import { isObject } from './policy/checks'
import { checkOptions } from './values/options'

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
  for (const name of Object.keys(PARTS) as (keyof typeof PARTS)[]) checkMethods(options[name], name)
  if (
    options.audit !== undefined &&
    (typeof options.audit.logId !== 'string' || options.audit.logId === '')
  ) {
    throw new OptionError('createGate.audit', 'must have a logId')
  }
  checkFunction(options.onBehalfOf, 'createGate.onBehalfOf')
  checkFunction(options.link, 'createGate.link')
  for (const name of ['ephemeral', 'coalesce'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      throw new OptionError(`createGate.${name}`, 'must be true or false')
  }
  checkLimits(options.limits)
  checkRedact(options.redact)
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

function checkFunction(value: unknown, option: string): void {
  if (value !== undefined && typeof value !== 'function') throw new OptionError(option, 'must be a function')
}

function checkLimits(limits: GateOptions['limits']): void {
  if (limits === undefined) return
  checkOptions(limits, ['depth', 'characters', 'values'], 'createGate.limits')
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new OptionError(`createGate.limits.${name}`, 'must be a whole number of at least 1')
  }
}

/** T43: a rule that is not understood would hide nothing. */
function checkRedact(redact: GateOptions['redact']): void {
  if (redact === undefined) return
  checkOptions(redact, ['keys', 'patterns'], 'createGate.redact')
  const { keys = [], patterns = [] } = redact
  if (!Array.isArray(keys) || !keys.every(isText))
    throw new OptionError('createGate.redact.keys', 'must be a list of key names')
  if (!Array.isArray(patterns) || !patterns.every((pattern) => pattern instanceof RegExp)) {
    throw new OptionError('createGate.redact.patterns', 'must be a list of regular expressions')
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
