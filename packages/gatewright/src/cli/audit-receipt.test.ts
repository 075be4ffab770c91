import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, makeLog } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-receipt-'))
const log = join(place, 'log')
const file = join(place, 'receipt.json')
const trust = `${log}.trust.json`
let requestId = ''

beforeAll(async () => {
  requestId = await makeLog(log)
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('gatewright audit receipt', () => {
  test('writes a decision that verifies without the log, and says how', async () => {
    const made = await cli('audit', 'receipt', log, requestId, '--out', file)
    expect(made.code).toBe(0)
    expect(made.out).toContain(`gatewright audit verify ${file} --trust FILE`)
    const { code, out } = await cli('audit', 'verify', file, '--trust', trust)
    expect(code).toBe(0)
    expect(out).toContain(`receipt of ${requestId}`)
    expect(out).toMatch(/votes yes +mail\.send +mock reviewer/)
    expect(out).toContain('valid: this decision stands in the log')
    expect(out).not.toContain('\u001b')
  })

  test('replaces nothing unless it is told to', async () => {
    const kept = join(place, 'kept.json')
    writeFileSync(kept, 'mine')
    const { code, err } = await cli('audit', 'receipt', log, requestId, '--out', kept)
    expect([code, readFileSync(kept, 'utf8')]).toEqual([4, 'mine'])
    expect(err).toContain('--force')
    expect((await cli('audit', 'receipt', log, requestId, '--out', kept, '--force')).code).toBe(0)
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ requestId })
  })

  test('the end of an id is enough', async () => {
    const out = join(place, 'short.json')
    expect((await cli('audit', 'receipt', log, requestId.slice(-6), '--out', out)).code).toBe(0)
    expect(JSON.parse(readFileSync(out, 'utf8')).requestId).toBe(requestId)
  })

  test('an id that the log does not know is told of, with where to find one', async () => {
    const out = join(place, 'none.json')
    const { code, err } = await cli('audit', 'receipt', log, '\u001bNOBODY', '--out', out)
    expect(code).toBe(1)
    expect(err).toContain('holds nothing of a request ⟦U+001B⟧NOBODY')
    expect(err).toContain(`gatewright audit show ${log}`)
    expect(readdirSync(place)).not.toContain('none.json')
  })

  test.each([
    [['audit', 'receipt', log], 'the id of one request'],
    [['audit', 'receipt', join(place, 'nowhere'), 'x'], 'holds no log'],
  ])('exits 4 for %j', async (args, message) => {
    const { code, err } = await cli(...args)
    expect([code, err.includes(message)]).toEqual([4, true])
  })

  test('a file that cannot be written is named, and nothing is left of it', async () => {
    const out = join(place, 'no', 'such', 'place.json')
    const { code, err } = await cli('audit', 'receipt', log, requestId, '--out', out)
    expect([code, err.includes(`${out} cannot be written (ENOENT)`)]).toEqual([1, true])
  })
})

describe('gatewright audit verify, of a receipt', () => {
  test('T47: exits 1 after a character was changed, and tells nothing of the story on', async () => {
    const changed = join(place, 'changed.json')
    writeFileSync(changed, readFileSync(file, 'utf8').replace('mail.send', 'mail.sent'))
    const { code, out } = await cli('audit', 'verify', changed, '--trust', trust)
    expect(code).toBe(1)
    expect(out).toContain('error proof-invalid')
    expect(out).toContain('invalid: it was changed')
    expect(out).not.toContain('mail.sen')
  })

  test('exits 3 when part of the decision is missing', async () => {
    const cut = join(place, 'cut.json')
    const receipt = JSON.parse(readFileSync(file, 'utf8'))
    const events = receipt.events.filter(({ entry }: { entry: string }) => !entry.includes('vote-cast'))
    writeFileSync(cut, JSON.stringify({ ...receipt, events }))
    const { code, out } = await cli('audit', 'verify', cut, '--trust', trust)
    expect(code).toBe(3)
    expect(out).toContain('chain-gap')
  })

  test('prints the verdict as JSON, whatever it is', async () => {
    const valid = await cli('audit', 'verify', file, '--trust', trust, '--json')
    expect(JSON.parse(valid.out)).toMatchObject({
      status: 'valid',
      findings: [],
      requestId,
      head: { origin: 'example.com/cli' },
    })
    const invalid = await cli('audit', 'verify', trust, '--trust', trust, '--json')
    expect(invalid.code).toBe(1)
    expect(JSON.parse(invalid.out)).toMatchObject({
      status: 'invalid',
      requestId: null,
      events: 0,
      head: null,
    })
  })

  test.each([
    [['audit', 'verify', file, log, '--trust', trust], 'is a receipt: verify it alone'],
    [['audit', 'verify', file], 'whose signatures do you trust'],
    [
      ['audit', 'verify', file, '--trust', trust, '--save-head', join(place, 'head')],
      '--save-head are for logs',
    ],
  ])('exits 4 for %j', async (args, message) => {
    const { code, err, out } = await cli(...args)
    expect([code, out, err.includes(message)]).toEqual([4, '', true])
  })
})
