import { OptionError } from '../errors'
import { checkOptions } from '../values/options'
import { isCovered, parsePointer } from '../values/pointer'
import { hideSecrets } from './secrets'
import { stripHidden } from './visible'

/** Text after redaction. */
export interface RedactedText {
  readonly text: string
  readonly redacted: boolean
}

/** What hides secrets before anything leaves the process (T43). */
export interface Redactor {
  /** Hides secrets of known kinds inside a text. */
  text(text: string): RedactedText
  /** Whether a key says that its value is secret. Numbers and booleans stay, but for those of very short secrets. */
  hidesKey(key: string, value: unknown): boolean
  /** Whether the value at these steps is to be hidden because the action says so. */
  hidesPath(steps: readonly string[]): boolean
}

const KEYS = new Set(
  (
    'password passwd passphrase pwd pass secret secrets token passwords apikeys cookies apikey accesskey secretkey ' +
    'privatekey signingkey encryptionkey clientsecret authorization auth cookie setcookie session sessionid ' +
    'credential credentials accesstoken refreshtoken idtoken bearer connectionstring dsn'
  ).split(' '),
)
/** Secrets that are numbers, too. */
const SHORT_KEYS = new Set('cvv cvc ssn otp pin passcode cardnumber iban'.split(' '))
const KEPT_KEYS = 10_000
const LONGEST_KEPT = 100

/**
 * Makes a redactor.
 *
 * @param options.keys - more key names whose values are hidden, in any writing: `employeeNumber` covers `EMPLOYEE-NUMBER`
 * @param options.pointers - JSON Pointers to what is hidden whatever it is; `*` stands for any one step
 * @param options.patterns - more patterns to hide inside texts. Keep them linear: they see whatever an agent writes
 * @throws OptionError `ERR_OPTION_INVALID` for what is no pointer or regular expression, and for unknown options
 */
export function createRedactor(
  options: {
    readonly keys?: readonly string[]
    readonly pointers?: readonly string[]
    readonly patterns?: readonly RegExp[]
  } = {},
): Redactor {
  checkOptions(options, ['keys', 'pointers', 'patterns'], 'redact')
  const judgedKeys = createKeyJudge(new Set((options.keys ?? []).map(plainKey)))
  const pointers = (options.pointers ?? []).map((pointer, index) =>
    parsePointer(pointer, `redact.pointers[${index}]`),
  )
  const patterns = (options.patterns ?? []).map(toGlobal)
  return {
    text(text) {
      const shown = hideSecrets(text, patterns)
      const stripped = stripHidden(text)
      // A secret that shows only once hidden characters are gone, or shows more of itself then, is hidden whole.
      if (stripped !== text && hideSecrets(stripped, patterns) !== stripHidden(shown))
        return { text: '[redacted]', redacted: true }
      if (shown !== text) return { text: shown, redacted: true }
      return { text, redacted: false }
    },
    hidesKey(key, value) {
      if (value === null) return false
      const hides = judgedKeys(key)
      return hides === 'numbers too' || (hides && (typeof value === 'string' || typeof value === 'object'))
    },
    hidesPath(steps) {
      return pointers.some((pointer) => isCovered(pointer, steps))
    },
  }
}

function toGlobal(pattern: RegExp): RegExp {
  if (!(pattern instanceof RegExp))
    throw new OptionError('redact.patterns', 'is a list of regular expressions')
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)
}

type KeyJudgement = boolean | 'numbers too'

/** Judges keys, each once: the same few come with every call. */
function createKeyJudge(more: ReadonlySet<string>): (key: string) => KeyJudgement {
  const judged = new Map<string, KeyJudgement>()
  return (key) => {
    const known = judged.get(key)
    if (known !== undefined) return known
    const hides = judgeKey(key, more)
    if (judged.size >= KEPT_KEYS) judged.clear()
    if (key.length <= LONGEST_KEPT) judged.set(key, hides)
    return hides
  }
}

/** Looks at the last words of a key: `dbPassword`, `X-Api-Key` and `client_secret` end in one. */
function judgeKey(key: string, more: ReadonlySet<string>): KeyJudgement {
  for (const ending of wordsAtEnd(key)) {
    if (SHORT_KEYS.has(ending)) return 'numbers too'
    if (KEYS.has(ending) || more.has(ending)) return true
  }
  return false
}

/** The last word of a key, its last two, and so on, as {@link plainKey} writes them. */
export function wordsAtEnd(key: string): readonly string[] {
  const words = stripHidden(key.slice(-LONGEST_KEPT))
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  const endings: string[] = []
  for (let index = words.length - 1; index >= 0; index -= 1)
    endings.push(`${words[index]}${endings.at(-1) ?? ''}`)
  return endings
}

/** A key in one writing, whatever its case and punctuation. */
export function plainKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '')
}
