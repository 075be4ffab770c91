import { fakeClock } from '@gatewright/testing'
import { describe, expect, test, vi } from 'vitest'
import { eventOf } from '../test/support/events'
import { type MemoryFiles, memoryFiles } from '../test/support/memory-files'
import { newDirectory, readJournal } from '../test/support/read-log'
import { type FileAudit, fileAudit, fileAuditOver } from './file-audit'
import type { FileAuditOptions } from './file-audit-options'
import { readLogKeys } from './log-trust'
import { generateSigner, parseVerifierKey, type Signer, verifyNote } from './note'
import { verifyLog } from './verify'

const DIRECTORY = '/var/log'
const ORIGIN = 'example.com/audit'
const signer = generateSigner({ name: ORIGIN })
const cosigner = generateSigner({ name: ORIGIN, algorithm: 'ecdsa' })
const other = generateSigner({ name: ORIGIN, algorithm: 'ecdsa' })

function open(files: MemoryFiles, options: Partial<FileAuditOptions> = {}): FileAudit {
  return fileAuditOver(files, {
    directory: DIRECTORY,
    origin: ORIGIN,
    signer,
    clock: fakeClock(),
    ...options,
  })
}

const refused = { cause: { code: 'ERR_LOG_KEY_INVALID' } }

describe('a log with a second signature', () => {
  test('has both on each checkpoint, after a rotation too', async () => {
    const files = memoryFiles()
    const log = open(files, { cosigners: [cosigner] })
    await log.append([eventOf('r-1', 1)])
    const next = generateSigner({ name: ORIGIN })
    await log.rotateKey(next)
    await log.close()
    const { events, notes } = await readJournal(DIRECTORY, files)
    expect(events[0]?.data).toMatchObject({ key: signer.verifierKey, cosigners: [cosigner.verifierKey] })
    const known = [signer, next, cosigner].map(({ verifierKey }) => parseVerifierKey(verifierKey))
    for (const note of notes) {
      const { ignored, signedBy } = verifyNote(note, known)
      expect([ignored, signedBy.map(({ algorithm }) => algorithm)]).toEqual([0, ['ed25519', 'ecdsa']])
    }
  })

  test('stops when the second fails, as it does when the first one does', async () => {
    const files = memoryFiles()
    const failing: Signer = { ...cosigner, sign: vi.fn(cosigner.sign) }
    const log = open(files, { cosigners: [failing] })
    await log.append([eventOf('r-1', 1)])
    vi.mocked(failing.sign).mockRejectedValueOnce(new Error('the second key is away'))
    await expect(log.append([eventOf('r-1', 2)])).rejects.toThrow('the second key is away')
    await expect(log.append([eventOf('r-1', 3)])).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
    const liar: Signer = { ...other, sign: cosigner.sign }
    await expect(open(memoryFiles(), { cosigners: [liar] }).opened).rejects.toMatchObject({
      cause: { code: 'ERR_LOG_SIGNATURE_INVALID' },
    })
  })

  test('is not opened without, unless it is given up by name; and what was given up stays away', async () => {
    const files = memoryFiles()
    await open(files, { cosigners: [cosigner] }).close()
    await expect(open(files).opened).rejects.toMatchObject(refused)
    await expect(open(files).opened).rejects.toThrow('cosigners: []')
    await open(files, { cosigners: [] }).close()
    await open(files).close()
    await expect(open(files, { cosigners: [cosigner] }).opened).rejects.toMatchObject(refused)
    await open(files, { cosigners: [other] }).close()
  })

  test('tells auditors who signed when, and verifies by that', async () => {
    const directory = await newDirectory()
    const options = { directory, origin: ORIGIN, signer }
    const first = fileAudit({ ...options, cosigners: [cosigner] })
    await first.append([eventOf('r-1', 1, 'gate.started')])
    await first.close()
    const second = fileAudit({ ...options, cosigners: [other] })
    const next = generateSigner({ name: ORIGIN })
    await second.rotateKey(next)
    await second.close()
    const trust = await readLogKeys(directory)
    expect(trust).toEqual([
      { vkey: signer.verifierKey, from: 0, to: 5 },
      { vkey: next.verifierKey, from: 6, to: null },
      { vkey: cosigner.verifierKey, from: 1, to: 3 },
      { vkey: other.verifierKey, from: 4, to: null },
    ])
    expect(await verifyLog({ directories: [directory], trust })).toMatchObject({
      status: 'valid',
      findings: [],
    })
  })

  test.each([
    ['no array', cosigner],
    ['no signer', [{}]],
    ['a key of another log', [generateSigner({ name: 'example.com/other', algorithm: 'ecdsa' })]],
    ['a key twice', [cosigner, cosigner]],
    ['too many', Array.from({ length: 5 }, () => generateSigner({ name: ORIGIN }))],
  ])('is refused at once with %s', (_, cosigners) => {
    const options = { directory: DIRECTORY, origin: ORIGIN, cosigners: cosigners as readonly Signer[] }
    expect(() => fileAudit(options)).toThrow('fileAudit.cosigners')
  })

  test('is refused with the key that signs already, or did so once', async () => {
    const files = memoryFiles()
    await expect(open(files, { cosigners: [signer] }).opened).rejects.toMatchObject(refused)
    const log = open(files)
    const next = generateSigner({ name: ORIGIN })
    await log.rotateKey(next)
    await log.close()
    await expect(open(files, { signer: next, cosigners: [signer] }).opened).rejects.toMatchObject(refused)
  })
})
