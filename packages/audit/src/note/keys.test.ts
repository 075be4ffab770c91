import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { generateSigner, keySigner, type Signer, signNote } from './signer'
import { formatVerifierKey, parseVerifierKey } from './verifier-key'
import { verifyNote } from './verify-note'

const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? error.code : `not ours: ${error}`
  }
  return 'accepted'
}

function encoded(name: string, type: number, material: Uint8Array, id = '00000000'): string {
  return `${name}+${id}+${Buffer.from([type, ...material]).toString('base64')}`
}

describe('verifier keys', () => {
  test("C2SP: the specification's example comes back from its public key", () => {
    const { name, keyId, algorithm } = parseVerifierKey(vkey)
    expect({ name, keyId, algorithm }).toEqual({
      name: 'example.com/foo',
      keyId: 0x530d903a,
      algorithm: 'ed25519',
    })
    const raw = Buffer.from(vkey.split('+')[2] ?? '', 'base64').subarray(1)
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
      format: 'jwk',
    })
    expect(formatVerifierKey('example.com/foo', key)).toBe(vkey)
  })

  test.each([
    ['nothing', ''],
    ['no parts', 'example.com'],
    ['no name', vkey.replace('example.com/foo', '')],
    ['another name', vkey.replace('foo', 'fox')],
    ['a space in its name', vkey.replace('/foo', ' foo')],
    ['another key id', vkey.replace('530d', '530e')],
    ['a key id in capitals', vkey.replace('530d903a', '530D903A')],
    ['a short key id', vkey.replace('530d903a', '530d903')],
    ['another key', vkey.replace('AekyeR', 'AekyeS')],
    ['a newline', `${vkey}\n`],
    ['a part more', `${vkey}+AA==`],
    ['Base64 that is none', vkey.replace('Aeky', 'A-ky')],
    ['a cut key', encoded('a', 1, Buffer.alloc(31))],
    ['an Ed25519 cosignature key, which is another kind', encoded('a', 4, Buffer.alloc(32))],
    ['ECDSA bytes that are no key', encoded('a', 2, Buffer.alloc(91))],
    ['a type that there is not', encoded('a', 0xfa, Buffer.alloc(32))],
    ['a private key of sumdb', `PRIVATE+KEY+${vkey}`],
  ])('with %s are refused', (_what, text) => {
    expect(codeOf(() => parseVerifierKey(text))).toBe('ERR_LOG_KEY_INVALID')
  })

  test('of other kinds of keys are not written', () => {
    for (const { publicKey } of [
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
      generateKeyPairSync('x25519'),
    ])
      expect(codeOf(() => formatVerifierKey('a', publicKey))).toBe('ERR_LOG_KEY_INVALID')
    const { privateKey } = generateKeyPairSync('x25519')
    expect(codeOf(() => keySigner('a', privateKey))).toBe('ERR_LOG_KEY_INVALID')
  })

  test('of ECDSA on another curve are refused', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    expect(
      codeOf(() => parseVerifierKey(encoded('a', 2, publicKey.export({ type: 'spki', format: 'der' })))),
    ).toBe('ERR_LOG_KEY_INVALID')
  })
})

describe('signers', () => {
  test.each(['ed25519', 'ecdsa'] as const)(
    'make %s signatures that their verifier key verifies, and no other',
    async (algorithm) => {
      const signer = generateSigner({ name: 'log.example', algorithm })
      const verifier = parseVerifierKey(signer.verifierKey)
      expect(verifier.algorithm).toBe(algorithm)
      const note = await signNote('head\n', [signer])
      expect(verifyNote(note, [verifier]).signedBy).toEqual([verifier])
      const other = parseVerifierKey(generateSigner({ name: 'log.example', algorithm }).verifierKey)
      expect(codeOf(() => verifyNote(note, [other]))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
      const signature = await signer.sign(Buffer.from('head\n'))
      expect(verifier.verify(Buffer.from('head\n'), signature)).toBe(true)
      expect(other.verify(Buffer.from('head\n'), signature)).toBe(false)
      expect(verifier.verify(Buffer.from('tail\n'), signature)).toBe(false)
      for (const wrong of [
        Buffer.alloc(0),
        Buffer.alloc(64),
        signature.subarray(1),
        Buffer.concat([signature, Buffer.of(0)]),
      ])
        expect(verifier.verify(Buffer.from('head\n'), wrong)).toBe(false)
    },
  )

  test('two kinds sign one note: each alone is enough for those who know it', async () => {
    const first = generateSigner({ name: 'log.example' })
    const second = generateSigner({ name: 'log.example', algorithm: 'ecdsa' })
    const note = await signNote('head\n', [first, second])
    const verifiers = [first, second].map(({ verifierKey }) => parseVerifierKey(verifierKey))
    expect(verifyNote(note, verifiers)).toMatchObject({ signedBy: verifiers, ignored: 0 })
    for (const verifier of verifiers)
      expect(verifyNote(note, [verifier])).toMatchObject({ signedBy: [verifier], ignored: 1 })
  })

  test('with a name that notes cannot carry are refused', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', '\ud800'])
      expect(codeOf(() => generateSigner({ name }))).toBe('ERR_LOG_KEY_INVALID')
  })

  test('a service that signs with another key than it says is found at its first signature', async () => {
    const honest = generateSigner({ name: 'kms.example' })
    const { verifierKey } = generateSigner({ name: 'kms.example' })
    const mixed: Signer = { ...honest, verifierKey }
    await expect(signNote('head\n', [mixed])).rejects.toMatchObject({ code: 'ERR_LOG_SIGNATURE_INVALID' })
    await expect(signNote('head\n', [{ ...honest, name: 'other.example' }])).rejects.toMatchObject({
      code: 'ERR_LOG_KEY_INVALID',
    })
  })

  test('a service that answers later, or fails, is awaited, and its failure passed on', async () => {
    const key = generateSigner({ name: 'kms.example' })
    const later: Signer = { ...key, sign: async (text) => key.sign(text) }
    const note = await signNote('head\n', [later])
    expect(verifyNote(note, [parseVerifierKey(key.verifierKey)]).ignored).toBe(0)
    const down: Signer = { ...key, sign: async () => Promise.reject(new Error('kms is down')) }
    await expect(signNote('head\n', [key, down])).rejects.toThrow('kms is down')
  })
})
