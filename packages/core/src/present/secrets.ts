/** One kind of secret, and how it looks. Every pattern is bounded, so that no text makes it slow. */
type SecretPattern = readonly [
  kind: string,
  pattern: RegExp,
  /** Whether a match is one, where the pattern alone would hide too much. */
  confirm?: (match: string) => boolean,
]

const PATTERNS: readonly SecretPattern[] = [
  [
    'private key',
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  ],
  ['JWT', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g],
  ['password', /(?<=\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}:\/\/[^\s:@/]{0,100}:)[^\s@/]{1,500}(?=@)/g],
  ['AWS key', /\b(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})/g],
  ['GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/g],
  ['Slack token', /\b(?:xox[abceoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})/g],
  ['Slack webhook', /hooks\.slack\.com\/services\/[A-Za-z0-9/_-]{20,}/g],
  ['Google key', /\bAIza[0-9A-Za-z_-]{35}/g],
  ['Stripe key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
  ['API key', /\bsk-[A-Za-z0-9_-]{20,}/g],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}/g],
  ['bearer token', /(?<=\b(?:bearer|basic) {1,3})[A-Za-z0-9._~+/=-]{16,}/gi],
  ['AWS secret', /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g, looksRandom],
  [
    'secret',
    /(?<=(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|\bsig|signature)["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"',;&[\]{}]{4,500}/gi,
  ],
  ['card number', /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g, isCardNumber],
]

/** What at least one pattern needs: most texts have none of it, and one look is cheaper than sixteen. */
const WORTH_A_LOOK =
  /[A-Za-z0-9/+]{16}|eyJ|:\/\/|-----BEGIN|gh[pousr]_|github_pat_|glpat-|xox|xapp-|hooks\.slack|[rs]k[_-]|npm_|bearer|basic|passw|passphrase|pwd|secret|token|(?:api|access|private)[_-]?key|sig(?:nature)?=|\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d/i

/** Replaces every secret of a known kind, and leaves the rest of the text. Linear in its length. */
export function hideSecrets(text: string, more: readonly RegExp[]): string {
  const own =
    more.length === 0
      ? text
      : more.reduce((rest, pattern) => rest.replace(pattern, '[redacted: pattern]'), text)
  if (own.length < 8 || !WORTH_A_LOOK.test(own)) return own
  return PATTERNS.reduce((rest, [kind, pattern, confirm]) => {
    if (!pattern.test(rest)) return rest
    pattern.lastIndex = 0
    return rest.replace(pattern, (match) =>
      confirm?.(match) === false || match.startsWith('[redacted') ? match : `[redacted: ${kind}]`,
    )
  }, own)
}

/** Mixed as a random base64 text is; a SHA-1 in hex, a path or a word is not. */
function looksRandom(text: string): boolean {
  return (
    /[a-z]/.test(text) &&
    /[A-Z]/.test(text) &&
    /\d/.test(text) &&
    !/^[0-9a-fA-F]+$/.test(text) &&
    new Set(text).size > 20
  )
}

/** The Luhn check (ISO/IEC 7812-1). */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0 && new Set(digits).size > 1
}
