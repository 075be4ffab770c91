import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { checkpointText } from './checkpoint'
import { cosignedMessage } from './cosignature'
import { fileSigner } from './file-signer'
import { formatNote, parseNote } from './note'
import { generateKey, generateSigner, keySigner, type Signer, signNote } from './signer'
import { formatVerifierKey, parseVerifierKey } from './verifier-key'
import { verifyNote } from './verify-note'

const NAME = 'log.example/pq'
const root = Buffer.alloc(32, 9)
const text = checkpointText({ origin: NAME, size: 20_852_163, root })
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** By the version, not by trying: that it is tried rightly is what these tests see. */
const hasMlDsa = major > 24 || (major === 24 && minor >= 6)

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? `${error.code} ${error.message}` : `not ours: ${error}`
  }
  return 'accepted'
}

/** A verifier key of the form that c2sp.org/tlog-cosignature gives it, around any bytes. */
function vkeyOf(material: Buffer): string {
  const typed = Buffer.concat([Buffer.of(6), material])
  const id = createHash('sha256').update(`${NAME}\n`).update(typed).digest('hex').slice(0, 8)
  return `${NAME}+${id}+${typed.toString('base64')}`
}

describe('C2SP: what an ML-DSA-44 key signs', () => {
  test('is the message of the specification, byte for byte', () => {
    const expected = [
      Buffer.from('subtree/v1\n\0').toString('hex'),
      `0c${Buffer.from('witness.test').toString('hex')}`,
      '00000000641850cb',
      `0e${Buffer.from(NAME).toString('hex')}`,
      '0000000000000000',
      '00000000013e2dc3',
      root.toString('hex'),
    ].join('')
    const message = cosignedMessage({ name: 'witness.test', text, timestamp: 1_679_315_147n })
    expect(message.toString('hex')).toBe(expected)
  })

  test('covers no extension lines, and has no room for long names', () => {
    expect(codeOf(() => cosignedMessage({ name: NAME, text: `${text}more\n` }))).toContain(
      'ERR_LOG_CHECKPOINT_INVALID',
    )
    expect(codeOf(() => cosignedMessage({ name: NAME, text: 'no checkpoint\n' }))).toContain(
      'ERR_LOG_CHECKPOINT_INVALID',
    )
    const long = checkpointText({ origin: 'x'.repeat(256), size: 1, root })
    expect(codeOf(() => cosignedMessage({ name: NAME, text: long }))).toContain('ERR_LOG_CHECKPOINT_INVALID')
    expect(codeOf(() => cosignedMessage({ name: 'é'.repeat(128), text }))).toContain('ERR_LOG_KEY_INVALID')
    expect(codeOf(() => cosignedMessage({ name: '', text }))).toContain('ERR_LOG_KEY_INVALID')
  })
})

describe(`an ML-DSA-44 key on Node ${process.versions.node}`, () => {
  test('of a wrong length is refused', () => {
    expect(codeOf(() => parseVerifierKey(vkeyOf(Buffer.alloc(1_311))))).toContain('1312 bytes')
  })

  if (!hasMlDsa) {
    test('is refused, with the version that has it, wherever one comes up', () => {
      const folder = mkdtempSync(join(tmpdir(), 'gatewright-pq-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const attempts = [
        () => generateSigner({ name: NAME, algorithm: 'ml-dsa-44' }),
        () => fileSigner(join(folder, 'pq.key'), { name: NAME, algorithm: 'ml-dsa-44' }),
        () => parseVerifierKey(vkeyOf(Buffer.alloc(1_312, 1))),
      ]
      for (const attempt of attempts)
        expect(codeOf(attempt)).toMatch(/^ERR_LOG_KEY_INVALID .* Node \S+ does not have: use Node 24\.6/)
      expect(readdirSync(folder)).toEqual([])
    })
    return
  }

  const privateKey = generateKey('ml-dsa-44')
  const publicKey: KeyObject = createPublicKey(privateKey)
  const signer = keySigner(NAME, privateKey)
  const verifier = parseVerifierKey(signer.verifierKey)

  /** A note with a signature of another making. */
  function noteWith(signature: Uint8Array, of = text): string {
    return formatNote({ text: of, signatures: [{ name: NAME, keyId: verifier.keyId, signature }] })
  }
  const timed = async (): Promise<Buffer> => Buffer.from(await signer.sign(Buffer.from(text)))

  test('has the verifier key and the id of the specification', () => {
    const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-1_312)
    expect(signer.verifierKey).toBe(vkeyOf(raw))
    expect(formatVerifierKey(NAME, publicKey)).toBe(signer.verifierKey)
    expect(verifier.algorithm).toBe('ml-dsa-44')
  })

  test('signs the message of the specification, and says nothing of the time', async () => {
    const note = await signNote(text, [signer])
    const signature = Buffer.from(parseNote(note).signatures[0]?.signature ?? [])
    expect(signature.length).toBe(8 + 2_420)
    expect(signature.subarray(0, 8)).toEqual(Buffer.alloc(8))
    const message = cosignedMessage({ name: NAME, text })
    expect(verify(null, message, publicKey, signature.subarray(8))).toBe(true)
    expect(verifyNote(note, [verifier]).signedBy).toEqual([verifier])
  })

  test('is believed with a time, and only with the one it signed', async () => {
    const message = cosignedMessage({ name: NAME, text, timestamp: 1_700_000_000n })
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(1_700_000_000n)
    const signature = Buffer.concat([time, sign(null, message, privateKey)])
    expect(verifyNote(noteWith(signature), [verifier]).signedBy).toHaveLength(1)
    signature[7] = (signature[7] ?? 0) ^ 1
    expect(codeOf(() => verifyNote(noteWith(signature), [verifier]))).toContain('ERR_LOG_SIGNATURE_INVALID')
  })

  test.each([
    [
      'a flipped bit',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 1_000 ? byte ^ 1 : byte))),
    ],
    ['a byte less', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['a byte more', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['no time', (bytes: Buffer) => bytes.subarray(8)],
    ['a time beyond 2^63', (bytes: Buffer) => Buffer.concat([Buffer.alloc(8, 0xff), bytes.subarray(8)])],
  ])('with %s in its signature is refused', async (_, change) => {
    const note = noteWith(change(await timed()))
    expect(codeOf(() => verifyNote(note, [verifier]))).toContain('ERR_LOG_SIGNATURE_INVALID')
  })

  test('signs no other text, under no other name, and no extension line', async () => {
    const signature = await timed()
    const others = [
      text.replace('20852163', '20852164'),
      text.replace(NAME, 'log.example/px'),
      `${text}more\n`,
    ]
    for (const other of others)
      expect(codeOf(() => verifyNote(noteWith(signature, other), [verifier]))).toContain(
        'ERR_LOG_SIGNATURE_INVALID',
      )
    const renamed = parseVerifierKey(formatVerifierKey('log.example/px', publicKey))
    expect(renamed.verify(Buffer.from(text), signature)).toBe(false)
    await expect(signNote('hello\n', [signer])).rejects.toMatchObject({ code: 'ERR_LOG_CHECKPOINT_INVALID' })
  })

  test('is kept in a file like any other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatewright-pq-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'pq.key')
    const made: Signer = fileSigner(path, { name: NAME, algorithm: 'ml-dsa-44' })
    const again = fileSigner(path, { name: NAME, algorithm: 'ml-dsa-44' })
    expect(again.verifierKey).toBe(made.verifierKey)
    expect(codeOf(() => fileSigner(path, { name: NAME }))).toContain('holds no ed25519 key')
    const note = await signNote(text, [again])
    expect(verifyNote(note, [parseVerifierKey(made.verifierKey)]).ignored).toBe(0)
  })
})
