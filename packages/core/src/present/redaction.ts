import { OptionError } from '../errors'
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

const KEYS = new Set([
  'password', 'passwd', 'passphrase', 'pwd', 'pass', 'secret', 'secrets', 'token', 'apikey', 'accesskey', 'secretkey',
  'privatekey', 'signingkey', 'encryptionkey', 'clientsecret', 'authorization', 'auth', 'cookie', 'setcookie', 'session',
  'sessionid', 'credential', 'credentials', 'accesstoken', 'refreshtoken', 'idtoken', 'bearer', 'connectionstring', 'dsn',
])
/** Secrets that are numbers, too. */
const SHORT_KEYS = new Set(['cvv', 'cvc', 'ssn', 'otp', 'pin', 'passcode', 'cardnumber', 'iban'])
const MOST_WORDS = 3
const hiddenKeys = new Map<string, boolean | 'numbers too'>()
const KEPT_KEYS = 10_000

/** Makes a redactor. @throws OptionError for patterns that are no regular expressions */
export function createRedactor(
  options: { readonly keys?: readonly string[]; readonly pointers?: readonly string[]; readonly patterns?: readonly RegExp[] } = {},
): Redactor {
  const more = new Set((options.keys ?? []).map(plainKey))
  const pointers = (options.pointers ?? []).map((pointer) => pointer.split('/').slice(1).map(unescapeStep))
  const patterns = (options.patterns ?? []).map(toGlobal)
  return {
    text(text) {
      const shown = hideSecrets(text, patterns)
      if (shown !== text) return { text: shown, redacted: true }
      const stripped = stripHidden(text)
      // A secret that shows only once hidden characters are gone is hidden whole.
      if (stripped !== text && hideSecrets(stripped, patterns) !== stripped) return { text: '[redacted]', redacted: true }
      return { text, redacted: false }
    },
    hidesKey(key, value) {
      if (value === null) return false
      const hides = keyHides(key)
      if (hides === 'numbers too') return true
      return (hides || more.has(plainKey(key))) && (typeof value === 'string' || typeof value === 'object')
    },
    hidesPath(steps) {
      return pointers.some((pointer) => pointer.length <= steps.length && pointer.every((step, index) => step === '*' || step === steps[index]))
    },
  }
}

function toGlobal(pattern: RegExp): RegExp {
  if (!(pattern instanceof RegExp)) throw new OptionError('redact.patterns', 'is a list of regular expressions')
  return pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)
}

function keyHides(key: string): boolean | 'numbers too' {
  const known = hiddenKeys.get(key)
  if (known !== undefined) return known
  const hides = judgeKey(key)
  if (hiddenKeys.size >= KEPT_KEYS) hiddenKeys.clear()
  hiddenKeys.set(key, hides)
  return hides
}

/** Looks at the last words of a key: `dbPassword`, `X-Api-Key` and `client_secret` end in one. */
function judgeKey(key: string): boolean | 'numbers too' {
  const words = stripHidden(key)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  for (let count = 1; count <= Math.min(MOST_WORDS, words.length); count += 1) {
    const ending = words.slice(-count).join('')
    if (SHORT_KEYS.has(ending)) return 'numbers too'
    if (KEYS.has(ending)) return true
  }
  return false
}

function plainKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
