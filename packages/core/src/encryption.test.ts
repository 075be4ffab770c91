import { expect, test } from 'vitest'
import { createRowCipher, type EncryptionKey, type SealedText } from './encryption'

const place = { table: 'requests', binding: 'requests/r-1' }
const keyOf = (id: string, byte: number): EncryptionKey => ({ id, key: new Uint8Array(32).fill(byte) })
const cipherOf = (...keys: readonly EncryptionKey[]) => createRowCipher({ keys: () => keys }, 'someStore')

function sealed(text: string, ...keys: readonly EncryptionKey[]): SealedText {
  const parts = cipherOf(...keys).seal(text, place)
  if (parts === null) throw new Error('nothing was sealed')
  return parts
}

test('what one key sealed any list with that key opens, and equal texts look different', () => {
  const [one, other] = [
    sealed('héllo\ud83d\ude00', keyOf('k1', 1)),
    sealed('héllo\ud83d\ude00', keyOf('k1', 1)),
  ]
  expect([one.keyId, one.nonce.length, one.tag.length]).toEqual(['k1', 12, 16])
  expect(one.nonce).not.toEqual(other.nonce)
  expect(one.body).not.toEqual(other.body)
  expect(cipherOf(keyOf('k2', 2), keyOf('k1', 1)).open(one, place)).toBe('héllo\ud83d\ude00')
  expect(cipherOf(keyOf('k1', 1)).open(sealed('', keyOf('k1', 1)), place)).toBe('')
})

test('the first key seals, and a list that changes counts at once', () => {
  let keys = [keyOf('k1', 1)]
  const cipher = createRowCipher({ keys: () => keys }, 'someStore')
  expect(cipher.sealingKeyId()).toBe('k1')
  keys = [keyOf('k2', 2), keyOf('k1', 1)]
  expect(cipher.sealingKeyId()).toBe('k2')
  expect(cipher.seal('text', place)?.keyId).toBe('k2')
})

test('no bit of what is sealed can be changed, nothing cut off, and nothing moved', () => {
  const cipher = cipherOf(keyOf('k1', 1))
  const parts = sealed('a text', keyOf('k1', 1))
  for (const part of ['nonce', 'body', 'tag'] as const)
    for (let index = 0; index < parts[part].length; index += 1) {
      const bytes = Uint8Array.from(parts[part])
      bytes[index] = (bytes[index] ?? 0) ^ 1
      expect(() => cipher.open({ ...parts, [part]: bytes }, place), `${part}[${index}]`).toThrow(
        'does not open',
      )
      expect(() => cipher.open({ ...parts, [part]: bytes.subarray(0, index) }, place)).toThrow(
        'does not open',
      )
    }
  expect(() => cipher.open(parts, { ...place, binding: 'requests/r-2' })).toThrow('does not open')
})

test('a key that is missing or another one is named, and nothing of the text', () => {
  const parts = sealed('a secret text', keyOf('k1', 1))
  const error = (...keys: readonly EncryptionKey[]) => {
    try {
      const cipher = keys.length === 0 ? createRowCipher(undefined, 'someStore') : cipherOf(...keys)
      return cipher.open(parts, place)
    } catch (thrown) {
      return thrown
    }
  }
  const messages = [error(), error(keyOf('k2', 2)), error(keyOf('k1', 9))]
  for (const one of messages) {
    expect(one).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(String(one)).toMatch(/the table "requests".*the key "k1".*Nothing was executed or changed/)
    expect(String(one)).not.toContain('secret text')
  }
  expect(
    messages
      .map(String)
      .map((text) => /without "encryption"|does not list|the key is another/.exec(text)?.[0]),
  ).toEqual(['without "encryption"', 'does not list', 'the key is another'])
})

test('without options nothing is sealed', () => {
  const cipher = createRowCipher(undefined, 'someStore')
  expect([cipher.sealingKeyId(), cipher.seal('text', place)]).toEqual([null, null])
})

test.each([
  [{ keys: 'k1' }, 'someStore.encryption.keys'],
  [{ key: () => [] }, 'someStore.encryption.key'],
  [{ keys: () => [] }, 'must answer a list of keys'],
  [{ keys: () => null }, 'must answer a list of keys'],
  [{ keys: () => [null] }, 'id is not'],
  [{ keys: () => [{ ...keyOf('k1', 1), id: 'k:1' }] }, 'id is not'],
  [{ keys: () => [{ ...keyOf('k1', 1), id: 'k'.repeat(65) }] }, 'id is not'],
  [{ keys: () => [{ id: 'k1', key: new Uint8Array(31) }] }, '"k1" that is not 32 bytes'],
  [{ keys: () => [{ id: 'k1', key: 'k'.repeat(32) }] }, '"k1" that is not 32 bytes'],
  [{ keys: () => [keyOf('k1', 1), keyOf('k1', 2)] }, 'two keys with the id "k1"'],
])('%o is refused, naming the option', (options, words) => {
  expect(() => createRowCipher(options as never, 'someStore')).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', message: expect.stringContaining(words) }) as Error,
  )
})

test('a list that turns wrong later is refused then', () => {
  let keys = [keyOf('k1', 1)]
  const cipher = createRowCipher({ keys: () => keys }, 'someStore')
  keys = []
  expect(() => cipher.seal('text', place)).toThrow('must answer a list of keys')
})
