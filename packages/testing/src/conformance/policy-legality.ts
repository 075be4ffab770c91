type Check = (value: unknown) => boolean

/**
 * What is wrong with a decision, in words; `null` when a gate would take it. A decision that a gate cannot take denies the
 * call (T40).
 */
export function decisionProblem(decision: unknown): string | null {
  if (!isRecord(decision)) return `it answered ${decision === null ? 'null' : typeof decision}`
  if (decision.reason !== undefined && typeof decision.reason !== 'string') return 'its reason is not a text'
  switch (decision.effect) {
    case 'abstain':
    case 'allow':
      return null
    case 'deny':
      return isText(decision.reason) ? null : 'it denies without a reason'
    case 'require':
      return isRequirement(decision.requirement) ? null : 'its requirement is malformed'
    default:
      return `its effect is ${JSON.stringify(decision.effect) ?? typeof decision.effect}`
  }
}

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isBoolean: Check = (value) => typeof value === 'boolean'
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1
const isSpan: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0

const isRequirement = exactly({
  id: isText,
  version: isCount,
  stages: listOf(
    exactly({
      name: isText,
      reviewers: isSelector,
      atLeast: isCount,
      assurance: orNull(
        exactly({ sso: orLeftOut(isBoolean), maxAgeMs: orLeftOut(isSpan), acr: orLeftOut(listOf(isText)) }),
      ),
      escalation: orNull(exactly({ afterMs: isSpan, reviewers: isSelector })),
    }),
  ),
  withinMs: isSpan,
  useWithinMs: isSpan,
  remindEveryMs: orNull(isSpan),
  noteFor: exactly({ approve: isBoolean, reject: isBoolean }),
  grantable: isBoolean,
})

function isSelector(value: unknown): boolean {
  return SELECTORS.some((isOne) => isOne(value))
}

const SELECTORS: readonly Check[] = [
  exactly({ type: (type) => type === 'group', name: isText }),
  exactly({ type: (type) => type === 'person', issuer: isText, subject: isText }),
  exactly({ type: (type) => type === 'anyOf', of: listOf(isSelector) }),
]

/** These fields and no others: a misspelt one would be an assurance that nobody asks for. */
function exactly(fields: Readonly<Record<string, Check>>): Check {
  return (value) =>
    isRecord(value) &&
    Object.keys(value).every((name) => Object.hasOwn(fields, name)) &&
    Object.entries(fields).every(([name, check]) => check(value[name]))
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(check)
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value)
}

function orLeftOut(check: Check): Check {
  return (value) => value === undefined || check(value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
