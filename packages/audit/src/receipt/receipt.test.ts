import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { forge, only } from '../../test/forge'
import { honestWorld, honestWorlds } from '../../test/honest-worlds'
import { makeKeys, ORIGIN, writeEvents } from '../../test/written-log'
import { formatLogProof, parseLogProof } from '../note'
import { makeReceipt } from './make-receipt'
import type { Receipt } from './receipt'
import { verifyReceipt } from './verify-receipt'

const root = mkdtempSync(join(tmpdir(), 'receipt-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const { signer, trust } = makeKeys()
let made = 0

async function log(events: readonly AuditEvent[]): Promise<string> {
  const directory = join(root, `${made++}`)
  await writeEvents(directory, events, signer, { segment: 9, batch: 4 })
  return directory
}

const verify = (receipt: Receipt) => verifyReceipt(JSON.stringify(receipt), { trust })
const codes = (receipt: Receipt) => verify(receipt).findings.map(({ code }) => code)

describe('a receipt', () => {
  test('verifies by public keys alone, for every kind of ending', async () => {
    const worlds = await honestWorlds()
    const directory = await log([...worlds.values()].flat())
    const subjects = new Set(
      [...worlds.values()]
        .flat()
        .flatMap(({ subject, type }) =>
          /^(request\.created|execution\.started)$/.test(type) ? [subject] : [],
        ),
    )
    expect(subjects.size).toBeGreaterThan(20)
    for (const subject of subjects) {
      const receipt = await makeReceipt(directory, subject)
      const verdict = verify(receipt)
      expect({ subject, findings: verdict.findings }).toEqual({ subject, findings: [] })
      expect(verdict).toMatchObject({ status: 'valid', head: { origin: ORIGIN } })
      expect(receipt.doesNotProve.length).toBeGreaterThan(0)
    }
  })

  test('holds what else the log tells of the request, and nothing of others', async () => {
    const directory = await log([...(await honestWorld('granted')), ...(await honestWorld('credentials'))])
    const events = [...(await honestWorld('voted'))]
    const other = await log(events)
    const id = events.find(({ type }) => type === 'request.created')?.subject ?? ''
    const receipt = await makeReceipt(other, id)
    expect(receipt.events.map(({ entry }) => JSON.parse(entry).type)).toContain(
      'dev.gatewright.delivery.sent',
    )
    await expect(makeReceipt(directory, id)).rejects.toMatchObject({ code: 'ERR_LOG_DAMAGED' })
  })
})

describe('a receipt that was changed is refused', async () => {
  const events = await honestWorld('voted')
  const directory = await log(events)
  const id = events.find(({ type }) => type === 'request.created')?.subject ?? ''
  const receipt = await makeReceipt(directory, id)
  const [first, ...rest] = receipt.events
  if (first === undefined) throw new Error('empty')

  test('an edited entry', () => {
    const entry = first.entry.replace('data.export', 'data.import')
    expect(codes({ ...receipt, events: [{ ...first, entry }, ...rest] })).toContain('proof-invalid')
  })

  test('a proof of another index', () => {
    const { checkpoint, hashes, index } = parseLogProof(first.proof)
    const proof = formatLogProof({ checkpoint, hashes, index: index + 1 })
    expect(codes({ ...receipt, events: [{ ...first, proof }, ...rest] })).toContain('proof-invalid')
  })

  test('a vote that was left out', () => {
    const events = receipt.events.filter(({ entry }) => !entry.includes('vote-cast'))
    expect(verify({ ...receipt, events })).toMatchObject({ status: 'incomplete', head: null })
  })

  test('an event that was repeated', () => {
    expect(codes({ ...receipt, events: [first, first, ...rest] })).toContain('receipt-invalid')
  })

  test('another request, another log, another key', () => {
    expect(codes({ ...receipt, requestId: 'other' })).toContain('receipt-invalid')
    expect(codes({ ...receipt, origin: 'log.test/other' })).toContain('checkpoint-origin')
    expect(verifyReceipt(JSON.stringify(receipt), { trust: makeKeys().trust }).status).toBe('invalid')
  })

  test('a retired key, and one that nobody told of', () => {
    const retired = trust.map((key) => ({ ...key, to: 1 }))
    const beyond = verifyReceipt(JSON.stringify(receipt), { trust: retired })
    expect(beyond).toMatchObject({ status: 'invalid', head: null })
    expect(beyond.findings[0]?.code).toBe('key-out-of-range')
    const unknown = verifyReceipt(JSON.stringify(receipt), { trust: makeKeys().trust })
    expect(unknown.findings[0]?.message).toContain('a newer trust file names it')
  })

  test('what is no receipt', () => {
    for (const text of [
      '',
      '{}',
      'null',
      JSON.stringify({ ...receipt, more: 1 }),
      JSON.stringify({ ...receipt, events: [] }),
    ])
      expect(verifyReceipt(text, { trust })).toMatchObject({ status: 'invalid', receipt: null })
  })

  test('a forged decision that the log itself vouches for', async () => {
    const forged = await log(
      forge(
        events,
        only('request.vote-cast', () => []),
      ),
    )
    expect(codes(await makeReceipt(forged, id))).toContain('approval-without-quorum')
  })
})
