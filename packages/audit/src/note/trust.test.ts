import { describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { checkpointText } from './checkpoint'
import { findRepeatedKey } from './repeated-key'
import { generateSigner, signNote } from './signer'
import { formatTrust, isValidFor, openCheckpoint, parseTrust, type TrustedKey } from './trust'

const ORIGIN = 'log.example/a'
const root = Buffer.alloc(32, 3)
const old = generateSigner({ name: ORIGIN })
const current = generateSigner({ name: ORIGIN })
const stranger = generateSigner({ name: ORIGIN })
const other = generateSigner({ name: 'log.example/b' })
const keys: readonly TrustedKey[] = [
  { vkey: old.verifierKey, from: 0, to: 100 },
  { vkey: current.verifierKey, from: 101, to: null },
  { vkey: other.verifierKey, from: 0, to: null },
]

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? error.code : `not ours: ${error}`
  }
  return 'accepted'
}

async function head(size: number, signers = [current], origin = ORIGIN): Promise<string> {
  return signNote(checkpointText({ origin, size, root }), signers)
}

const open = (note: string): string => codeOf(() => openCheckpoint(note, { origin: ORIGIN, keys }))

describe('a trust file', () => {
  const text = formatTrust(keys)

  test('comes back from its text', () => {
    expect(parseTrust(text)).toEqual(keys)
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('is written with nothing but its own members', () => {
    const [key] = keys
    const more = { ...key, note: 'mine' } as TrustedKey
    expect(formatTrust([more])).not.toContain('mine')
  })

  const [first = ''] = keys.map(({ vkey }) => vkey)
  const entry = (fields: object): string =>
    JSON.stringify({ format: 'gatewright-trust/1', keys: [{ vkey: first, from: 0, to: null, ...fields }] })

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another format', text.replace('trust/1', 'trust/2')],
    ['no format', text.replace(/"format": "[^"]*",/, '')],
    ['no keys', JSON.stringify({ format: 'gatewright-trust/1', keys: [] })],
    ['keys that are no list', JSON.stringify({ format: 'gatewright-trust/1', keys: {} })],
    ['a key that is null', JSON.stringify({ format: 'gatewright-trust/1', keys: [null] })],
    ['a member more', text.replace('"format"', '"extra": 1, "format"')],
    ['a misspelt member', text.replace('"to": 100', '"until": 100')],
    ['a member less', text.replace(', \n', ',').replace(/,\s*"to": 100/, '')],
    ['a key with a member more', entry({ note: 1 })],
    ['a vkey that is a number', entry({ vkey: 1 })],
    ['a vkey that is none', entry({ vkey: first.replace('log', 'lag') })],
    ['a negative size', entry({ from: -1 })],
    ['a fraction', entry({ from: 0.5 })],
    ['a size that is a text', entry({ from: '0' })],
    ['a range that ends before it begins', entry({ from: 5, to: 4 })],
    ['an end that is a text', entry({ to: '4' })],
    [
      'a key twice',
      JSON.stringify({ format: 'gatewright-trust/1', keys: [keys[0], { ...keys[0], from: 200, to: null }] }),
    ],
    // What another reader takes for 100 would be without end here.
    ['a member twice', text.replace('"to": 100', '"to": 100, "to": null')],
    ['a member twice, once with an escape', text.replace('"to": 100', '"to": 100, "t\\u006f": null')],
    ['a comment', `// trusted\n${text}`],
    ['a byte order mark', `\ufeff${text}`],
  ])('with %s is refused', (_what, wrong) => {
    expect(codeOf(() => parseTrust(wrong))).toBe('ERR_LOG_TRUST_INVALID')
  })

  test('that would be refused is not written', () => {
    expect(codeOf(() => formatTrust([]))).toBe('ERR_LOG_TRUST_INVALID')
    expect(codeOf(() => formatTrust([{ vkey: first, from: 2, to: 1 }]))).toBe('ERR_LOG_TRUST_INVALID')
    expect(codeOf(() => formatTrust([{ vkey: first, from: Number.NaN, to: null }]))).toBe(
      'ERR_LOG_TRUST_INVALID',
    )
  })

  test('speaks of sizes, both ends included', () => {
    const key = { vkey: first, from: 3, to: 5 }
    expect([2, 3, 5, 6].map((size) => isValidFor(key, size))).toEqual([false, true, true, false])
    expect(isValidFor({ ...key, to: null }, 2 ** 50)).toBe(true)
  })
})

describe('opening a checkpoint', () => {
  test('each key opens the heads of its own sizes', async () => {
    const opened = openCheckpoint(await head(100, [old]), { origin: ORIGIN, keys })
    expect(opened).toEqual({
      checkpoint: { origin: ORIGIN, size: 100, root, extensions: [] },
      signedBy: [keys[0]],
    })
    expect(open(await head(101, [current]))).toBe('accepted')
    expect(open(await head(0, [old]))).toBe('accepted')
  })

  test('a retired key, and one that is not yet in use, open none', async () => {
    expect(open(await head(101, [old]))).toBe('ERR_LOG_KEY_OUT_OF_RANGE')
    expect(open(await head(100, [current]))).toBe('ERR_LOG_KEY_OUT_OF_RANGE')
  })

  test('one valid key is enough beside a retired one, and only it is named', async () => {
    const opened = openCheckpoint(await head(101, [old, current]), { origin: ORIGIN, keys })
    expect(opened.signedBy).toEqual([keys[1]])
  })

  test('an unknown key opens none, also with the name of the log', async () => {
    expect(open(await head(5, [stranger]))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
  })

  test('the key of another log opens none', async () => {
    expect(open(await head(5, [other]))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
  })

  test('another origin is refused, signed by its own key or by ours', async () => {
    expect(open(await head(5, [other], 'log.example/b'))).toBe('ERR_LOG_CHECKPOINT_INVALID')
    expect(open(await head(5, [old], 'log.example/b'))).toBe('ERR_LOG_CHECKPOINT_INVALID')
  })

  test('a bad signature of any trusted key rejects it', async () => {
    const good = await head(50, [old])
    const [bad = ''] = (await head(51, [other])).split('\n').slice(-2)
    expect(open(`${good}${bad}\n`)).toBe('ERR_LOG_SIGNATURE_INVALID')
  })

  test('a signed note that is no checkpoint is none', async () => {
    expect(open(await signNote('hello\n', [old]))).toBe('ERR_LOG_CHECKPOINT_INVALID')
  })
})

describe('a repeated name', () => {
  test.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}', null],
    ['{"a":1,"a":1}', 'a'],
    ['{"b":{"a":1,"\\u0061" : 1}}', 'a'],
    ['[{"x":"{\\"x\\":","y":"x"}]', null],
    ['{"a":"a","b":["a","a"]}', null],
    ['{"a":{"b":1},"b":1,"a":2}', 'a'],
    ['{"a\\\\":1,"a\\"":1,"a\\\\":2}', 'a\\'],
    ['{"__proto__":1,"__proto__":1}', '__proto__'],
  ])('in %s is %s', (json, repeated) => {
    JSON.parse(json)
    expect(findRepeatedKey(json)).toBe(repeated)
  })
})
