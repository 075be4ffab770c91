import { describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { formatNote, MAX_NOTE_BYTES, parseNote } from './note'
import { generateSigner, signNote } from './signer'
import { parseVerifierKey } from './verifier-key'
import { verifyNote } from './verify-note'

const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const example = `This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
const poem = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`
const verifier = parseVerifierKey(vkey)
const line = example.split('\n')[2] ?? ''

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? error.code : `not ours: ${error}`
  }
  return 'accepted'
}

/** Another signature of the example's key name, made up: well-formed, and not good. */
const madeUp = (name: string, bytes: readonly number[]): string =>
  `\u2014 ${name} ${Buffer.from([...bytes, ...Array(64).fill(7)]).toString('base64')}\n`
const keyId = [0x53, 0x0d, 0x90, 0x3a]

describe('C2SP signed notes', () => {
  test("C2SP: the specification's example verifies with its verifier key", () => {
    expect(verifyNote(example, [verifier])).toEqual({
      text: 'This is an example message.\n',
      signedBy: [verifier],
      ignored: 0,
    })
    expect(verifyNote(Buffer.from(example), [verifier]).signedBy).toEqual([verifier])
  })

  test("C2SP: the specification's poem is split at its last empty line", () => {
    const { text, signatures } = parseNote(poem)
    expect(text).toBe(poem.slice(0, poem.lastIndexOf('\n\n') + 1))
    expect(text.endsWith('\n\ned è subito sera.\n')).toBe(true)
    expect(signatures).toEqual([
      { name: 'quasimodo.example/salvatore', keyId: 0x367ba04b, signature: expect.any(Uint8Array) },
    ])
    expect(signatures[0]?.signature).toHaveLength(64)
  })

  test('come back from their parts to the byte', () => {
    for (const note of [example, poem]) expect(formatNote(parseNote(note))).toBe(note)
  })

  test.each([
    ['nothing', ''],
    ['no signature', 'text\n'],
    ['no signature after the empty line', 'text\n\n'],
    ['no empty line', `text\n${line}\n`],
    ['no newline at its end', example.slice(0, -1)],
    ['a line after the signatures', `${example}more\n`],
    ['an empty line after the signatures', `${example}\n`],
    ['a carriage return', example.replace('message.\n', 'message.\r\n')],
    ['a tab', example.replace('example', 'exa\tmple')],
    ['a null', example.replace('example', 'exa\0mple')],
    ['a control character in a key name', example.replace('/foo', '/f\u0001oo')],
    ['a lone surrogate', example.replace('example', '\ud800')],
    ['a hyphen for the dash', example.replace('\u2014', '-')],
    ['an en dash for the dash', example.replace('\u2014', '\u2013')],
    ['two spaces after the dash', example.replace('\u2014 ', '\u2014  ')],
    ['two spaces before the signature', example.replace('/foo ', '/foo  ')],
    ['a space after the signature', example.replace('aQM=', 'aQM= ')],
    ['no key name', example.replace('example.com/foo ', ' ')],
    ['a plus in a key name', example.replace('.com/foo', '.com+foo')],
    ['a no-break space in a key name', example.replace('.com/foo', '.com\u00a0foo')],
    ['an ideographic space in a key name', example.replace('.com/foo', '.com\u3000foo')],
    ['a next line (U+0085) in a key name', example.replace('.com/foo', '.com\u0085foo')],
    ['no signature in a line', `text\n\n\u2014 example.com/foo\n`],
    ['an empty signature', `text\n\n\u2014 example.com/foo \n`],
    ['a key id and no signature', `text\n\n\u2014 example.com/foo Uw2QOg==\n`],
    ['no padding', example.replace('aQM=', 'aQM')],
    ['padding too much', example.replace('aQM=', 'aQM==')],
    ['bits beyond the last byte', example.replace('aQM=', 'aQN=')],
    ['the URL alphabet', example.replace('/9', '_9').replace('OBH3mFXm', 'OBH3-FXm')],
    ['a Base64 that is none', example.replace('Uw2Q', 'Uw*Q')],
  ])('with %s are none', (_what, note) => {
    expect(codeOf(() => parseNote(note))).toBe('ERR_LOG_NOTE_INVALID')
    expect(codeOf(() => verifyNote(note, [verifier]))).toBe('ERR_LOG_NOTE_INVALID')
  })

  test('that are not UTF-8 are none', () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]])
      expect(codeOf(() => parseNote(Buffer.concat([Buffer.from(bytes), Buffer.from(example)])))).toBe(
        'ERR_LOG_NOTE_INVALID',
      )
  })

  test('a text without a newline, or with what notes must not hold, is not signed', async () => {
    const signer = generateSigner({ name: 'a' })
    for (const text of ['', 'text', 'a\tb\n', 'a\r\n', '\ud800\n', 'a\0\n'])
      await expect(signNote(text, [signer])).rejects.toMatchObject({ code: 'ERR_LOG_NOTE_INVALID' })
    await expect(signNote('text\n', [])).rejects.toMatchObject({ code: 'ERR_LOG_NOTE_INVALID' })
  })

  test('texts with empty lines, and even with what looks like signatures, are signed and verified whole', async () => {
    const signer = generateSigner({ name: 'log.example/ü' })
    for (const text of ['\n', '\n\n', 'a\n\nb\n', example, `${example}\n`, '\u0085\u2028\u007f\n']) {
      const note = await signNote(text, [signer])
      expect(verifyNote(note, [parseVerifierKey(signer.verifierKey)]).text).toBe(text)
    }
  })
})

describe('verifying', () => {
  test('a flipped bit anywhere in a note rejects it', () => {
    const bytes = Buffer.from(example)
    for (let at = 0; at < bytes.length * 8; at += 1) {
      const flipped = Buffer.from(bytes)
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
      expect(codeOf(() => verifyNote(flipped, [verifier]))).not.toBe('accepted')
    }
  })

  test('signatures of unknown keys are ignored, also with the name or the id of a known one', () => {
    const note = `${example}${madeUp('example.com/foo', [1, 2, 3, 4])}${madeUp('example.com/bar', keyId)}`
    expect(verifyNote(note, [verifier])).toMatchObject({ signedBy: [verifier], ignored: 2 })
    const alone = `This is an example message.\n\n${madeUp('example.com/foo', [1, 2, 3, 4])}${madeUp('example.com/bar', keyId)}`
    expect(codeOf(() => verifyNote(alone, [verifier]))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
    expect(codeOf(() => verifyNote(example, []))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
  })

  test('a bad signature of a known key rejects the whole note, good ones beside it or not', async () => {
    const bad = madeUp('example.com/foo', keyId)
    const other = generateSigner({ name: 'other.example' })
    const signed = await signNote('This is an example message.\n', [other])
    const verifiers = [verifier, parseVerifierKey(other.verifierKey)]
    for (const note of [
      `${example}${bad}`,
      `This is an example message.\n\n${bad}${line}\n`,
      `${signed}${bad}`,
    ])
      expect(codeOf(() => verifyNote(note, verifiers))).toBe('ERR_LOG_SIGNATURE_INVALID')
    const short = `\u2014 example.com/foo ${Buffer.from([...keyId, 1]).toString('base64')}\n`
    expect(codeOf(() => verifyNote(`${example}${short}`, verifiers))).toBe('ERR_LOG_SIGNATURE_INVALID')
  })

  test('a signature that stands twice counts once', () => {
    expect(verifyNote(`${example}${line}\n`, [verifier]).signedBy).toEqual([verifier])
  })

  test('two known keys with one name and id are not told apart, and refused', () => {
    expect(codeOf(() => verifyNote(example, [verifier, parseVerifierKey(vkey)]))).toBe('ERR_LOG_KEY_INVALID')
  })

  test('sixteen signatures of 5 kB each are accepted, a hundred too, and no more', () => {
    const large = `\u2014 pq.example ${Buffer.alloc(5_000, 9).toString('base64')}\n`
    expect(verifyNote(`${example}${large.repeat(16)}`, [verifier]).ignored).toBe(16)
    const small = madeUp('w.example', [1, 2, 3, 4])
    expect(verifyNote(`${example}${small.repeat(99)}`, [verifier]).ignored).toBe(99)
    expect(codeOf(() => verifyNote(`${example}${small.repeat(100)}`, [verifier]))).toBe(
      'ERR_LOG_NOTE_INVALID',
    )
  })

  test('an oversize note is refused, as a text and as bytes', () => {
    const over = `${'x'.repeat(MAX_NOTE_BYTES)}${example}`
    expect(codeOf(() => parseNote(over))).toBe('ERR_LOG_NOTE_INVALID')
    expect(codeOf(() => parseNote(Buffer.from(over)))).toBe('ERR_LOG_NOTE_INVALID')
    expect(codeOf(() => parseNote('ü'.repeat(MAX_NOTE_BYTES / 2) + example))).toBe('ERR_LOG_NOTE_INVALID')
    expect(codeOf(() => formatNote({ ...parseNote(example), text: `${'x'.repeat(MAX_NOTE_BYTES)}\n` }))).toBe(
      'ERR_LOG_NOTE_INVALID',
    )
    const fits = 'x'.repeat(MAX_NOTE_BYTES - Buffer.byteLength(example)) + example
    expect(codeOf(() => parseNote(fits))).toBe('accepted')
  })

  test('signatures that a note could not carry are not written', () => {
    const { text, signatures } = parseNote(example)
    const [genuine] = signatures
    for (const fields of [
      { name: '' },
      { name: 'a b' },
      { name: 'a+b' },
      { keyId: -1 },
      { keyId: 2 ** 32 },
      { signature: Buffer.alloc(0) },
    ]) {
      const changed = { name: 'a', keyId: 1, signature: Buffer.of(1), ...genuine, ...fields }
      expect(
        codeOf(() => formatNote({ text, signatures: [changed] })),
        JSON.stringify(fields),
      ).toBe('ERR_LOG_NOTE_INVALID')
    }
  })
})
