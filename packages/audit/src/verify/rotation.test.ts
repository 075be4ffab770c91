import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { opened, rotated, type SignedBatch, writeBatches } from '../../test/signed-batches'
import { ORIGIN } from '../../test/written-log'
import { fileAudit } from '../file-audit'
import { generateSigner, type Signer, type TrustedKey } from '../note'
import { type VerifyLogOptions, verifyLog } from './verify-log'

const root = mkdtempSync(join(tmpdir(), 'rotation-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0

const key = (name = ORIGIN): Signer => generateSigner({ name })
const [old, next, third, stranger] = [key(), key(), key(), key()]
const beside = generateSigner({ name: ORIGIN, algorithm: 'ecdsa' })
const trusting = (signer: Signer, from = 0, to: number | null = null): TrustedKey => ({
  vkey: signer.verifierKey,
  from,
  to,
})
const all = [trusting(old, 0, 3), trusting(next, 4)]

async function written(batches: readonly SignedBatch[]) {
  const directory = join(root, `${made++}`)
  return { directory, notes: await writeBatches(directory, batches) }
}

const verify = (directory: string, trust: readonly TrustedKey[], more: Partial<VerifyLogOptions> = {}) =>
  verifyLog({ directories: [directory], trust, ...more })

async function judged(batches: readonly SignedBatch[], trust: readonly TrustedKey[]) {
  const { directory } = await written(batches)
  const { findings, status } = await verify(directory, trust)
  return {
    status,
    codes: findings.map(({ code, place }) => `${code} ${place.index ?? place.file}`),
    findings,
  }
}

/** Handed over at 3 entries, properly. */
const honest: readonly SignedBatch[] = [
  { says: [opened(old), 'a'], by: [old] },
  { says: [rotated(old, next)], by: [old] },
  { says: [['log.proved-key', { key: next.verifierKey }]], by: [next] },
  { says: ['b'], by: [next] },
]

describe('a log that handed over its key', () => {
  test('is valid by both keys in their ranges', async () => {
    expect(await judged(honest, all)).toMatchObject({ status: 'valid', findings: [] })
  })

  test('is followed from the old key, with a warning that names the new one and its range', async () => {
    const { findings, status } = await judged(honest, [trusting(old)])
    expect(status).toBe('valid')
    expect(findings).toMatchObject([{ severity: 'warning', code: 'key-successor', place: { index: 3 } }])
    expect(findings[0]?.message).toContain(next.verifierKey)
    expect(findings[0]?.message).toContain('from 4 on')
  })

  test('is followed over two rotations', async () => {
    const twice: readonly SignedBatch[] = [
      ...honest,
      { says: [rotated(next, third)], by: [next] },
      { says: ['c'], by: [third] },
    ]
    expect(await judged(twice, [trusting(old)])).toMatchObject({
      status: 'valid',
      findings: [{ code: 'key-successor' }, { code: 'key-successor' }],
    })
  })

  test('is not followed from a key whose end is known', async () => {
    const { codes, status } = await judged(honest, [trusting(old, 0, 3)])
    expect(status).toBe('invalid')
    expect(codes).toContain('checkpoint-unsigned 4')
  })

  test('has known heads that its new key signed, for who trusts the old one', async () => {
    const { directory, notes } = await written(honest)
    const knownHeads = [notes[0] ?? '', notes[2] ?? '']
    const verdict = await verify(directory, [trusting(old)], { knownHeads })
    expect(verdict).toMatchObject({ status: 'valid', counts: { knownHeads: 2 } })
    const cut = await written(honest.slice(0, 3))
    const short = await verify(cut.directory, [trusting(old)], { knownHeads: [notes[3] ?? ''] })
    expect(short).toMatchObject({ status: 'diverged' })
    const before = await written(honest.slice(0, 1))
    const none = await verify(before.directory, [trusting(old)], { knownHeads: [notes[3] ?? ''] })
    expect(none.findings).toMatchObject([{ code: 'known-head-invalid' }])
  })

  test('is not followed to a key that no entry under the checkpoint names', async () => {
    const forged = await judged([...honest.slice(0, 3), { says: ['b'], by: [stranger] }], [trusting(old)])
    expect(forged).toMatchObject({ status: 'invalid' })
    expect(forged.codes).toContain('checkpoint-unsigned 5')
  })
})

describe('a retired key', () => {
  test('that signs after it handed over is found by its range in the trust file', async () => {
    const used = [...honest, { says: ['c'], by: [old] }]
    expect((await judged(used, all)).codes).toContain('key-out-of-range 6')
    const both = [...honest, { says: ['c'], by: [next, old] }]
    expect((await judged(both, all)).codes).toContain('key-out-of-range 6')
  })

  test("is found by the log's own rotation, whatever the trust file says of it", async () => {
    const lax = [trusting(old), trusting(next)]
    const used = await judged([...honest, { says: ['c'], by: [old] }], lax)
    expect(used).toMatchObject({ status: 'invalid' })
    expect(used.codes).toContain('key-out-of-range 6')
    const both = [...honest, { says: ['c'], by: [next, old] }]
    expect((await judged(both, lax)).codes).toContain('key-out-of-range 6')
    expect((await judged(both, [trusting(old)])).codes).toContain('key-out-of-range 6')
    // Also when nobody trusts it: here, only a second signature is trusted.
    const cosigned = both.map(({ by, says }) => ({ says, by: [...(by ?? []), beside] }))
    expect((await judged(cosigned, [trusting(beside)])).codes).toContain('key-out-of-range 6')
  })

  test('is found on the published checkpoint', async () => {
    const { directory } = await written(honest)
    const { notes } = await written([
      ...honest.slice(0, 3).map(({ says }) => ({ says, by: [old] })),
      { says: ['b'], by: [old] },
    ])
    writeFileSync(join(directory, 'checkpoint'), notes.at(-1) ?? '')
    for (const trust of [all, [trusting(old), trusting(next)]]) {
      const { findings } = await verify(directory, trust)
      expect(findings).toMatchObject([{ code: 'key-out-of-range', place: { file: 'checkpoint' } }])
    }
  })
})

describe('a rotation that is none:', () => {
  const lax = [trusting(old), trusting(next), trusting(third)]

  test('signed by another key than it names', async () => {
    const { codes } = await judged(
      [
        { says: [opened(old), 'a'], by: [old] },
        { says: [rotated(old, next)], by: [third] },
        { says: ['b'], by: [next] },
      ],
      lax,
    )
    expect(codes).toContain('key-rotation 3')
  })

  test('from a key that is not the current one', async () => {
    const { codes } = await judged(
      [
        { says: [opened(old), 'a'], by: [old] },
        { says: [rotated(third, next)], by: [old] },
        { says: ['b'], by: [next] },
      ],
      lax,
    )
    expect(codes).toContain('key-rotation 3')
  })

  test('to a key that signed before it', async () => {
    const { codes } = await judged(
      [
        { says: [opened(old)], by: [old] },
        { says: ['a'], by: [old, next] },
        { says: [rotated(old, next)], by: [old] },
        { says: ['b'], by: [next] },
      ],
      lax,
    )
    expect(codes).toContain('key-rotation 3')
  })

  test('back to a key that the log had', async () => {
    const { codes } = await judged([...honest, { says: [rotated(next, old)], by: [next] }], lax)
    expect(codes).toContain('key-rotation 6')
  })

  test('to a key of another log, or to what is no key', async () => {
    for (const to of [key('log.test/other'), { ...next, verifierKey: 'nonsense' }]) {
      const { codes } = await judged([...honest.slice(0, 1), { says: [rotated(old, to)], by: [old] }], lax)
      expect(codes).toContain('key-rotation 3')
    }
  })

  test('an opening that names another key', async () => {
    const { codes } = await judged([...honest, { says: [opened(old)], by: [next] }], lax)
    expect(codes).toContain('key-rotation 6')
  })

  test('left by a crash without its checkpoint: the old key goes on', async () => {
    const crashed: readonly SignedBatch[] = [
      { says: [opened(old), 'a'], by: [old] },
      { says: [rotated(old, next)], by: null },
      { says: [opened(old), 'b'], by: [old] },
    ]
    expect(await judged(crashed, [trusting(old)])).toMatchObject({ status: 'valid', findings: [] })
    const taken = await judged([...crashed.slice(0, 2), { says: ['b'], by: [next] }], [trusting(old)])
    expect(taken.codes).toContain('checkpoint-unsigned 4')
  })
})

test('a writer opens no log whose rotation another key signed', async () => {
  const { directory } = await written([
    { says: [opened(old), 'a'], by: [old] },
    { says: [rotated(old, next)], by: [stranger] },
    { says: ['b'], by: [next] },
  ])
  const log = fileAudit({ directory, origin: ORIGIN, signer: next })
  await expect(log.opened).rejects.toMatchObject({ cause: { code: 'ERR_LOG_DAMAGED' } })
  await expect(log.opened).rejects.toThrow('at byte')
})

describe('a second signature', () => {
  const both = [trusting(old), trusting(beside)]
  const two: readonly SignedBatch[] = [
    { says: [opened(old, beside)], by: [old, beside] },
    { says: ['a'], by: [old, beside] },
  ]

  test('is checked by who trusts its key, and ignored by who does not', async () => {
    for (const trust of [both, [trusting(old)], [trusting(beside)]])
      expect(await judged(two, trust)).toMatchObject({ status: 'valid', findings: [] })
  })

  test('that is missing is found by who trusts both', async () => {
    const one = [...two, { says: ['b'], by: [old] }, { says: ['c'], by: [beside] }]
    const { codes, status } = await judged(one, both)
    expect(status).toBe('invalid')
    expect(codes).toEqual(expect.arrayContaining(['signature-missing 3', 'signature-missing 4']))
    expect((await judged(one.slice(0, 3), [trusting(old), trusting(beside, 0, 2)])).status).toBe('valid')
  })

  test('of a trusted key that is bad condemns', async () => {
    const lying: Signer = { ...beside, sign: generateSigner({ name: ORIGIN, algorithm: 'ecdsa' }).sign }
    // The first signature of a signer is proven: a forger does not ask.
    let signed = 0
    const sly: Signer = { ...beside, sign: (text) => (signed++ === 0 ? beside : lying).sign(text) }
    const bad = [...two, { says: ['b'], by: [old, sly] }, { says: ['c'], by: [old, sly] }]
    expect((await judged(bad, both)).codes).toContain('signature-bad 4')
    expect((await judged(bad, [trusting(old)])).status).toBe('valid')
  })

  test('stays through a rotation of the first', async () => {
    const rotating: readonly SignedBatch[] = [
      ...two,
      { says: [rotated(old, next)], by: [old, beside] },
      { says: ['b'], by: [next, beside] },
    ]
    expect((await judged(rotating, both)).status).toBe('valid')
    const dropped = [...rotating.slice(0, 3), { says: ['b'], by: [beside] }]
    expect((await judged(dropped, both)).codes).toContain('signature-missing 4')
  })
})
