import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { honestWorlds } from '../../test/honest-worlds'
import { makeKeys, writeEvents } from '../../test/written-log'
import { verifyLog } from './verify-log'

const root = mkdtempSync(join(tmpdir(), 'verify-'))
const worlds = await honestWorlds()
const { signer, trust } = makeKeys()

describe('logs of honest gates', () => {
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each([...worlds.keys()])('nothing is found: %s', async (name) => {
    const events = worlds.get(name) ?? []
    const directory = join(root, name)
    await writeEvents(directory, events, signer, { segment: 7, batch: 3 })
    const verdict = await verifyLog({ directories: [directory], trust })
    expect(verdict.findings).toEqual([])
    expect(verdict.status).toBe('valid')
    expect(verdict.counts.entries).toBe(events.length)
    expect(verdict.counts.segments).toBe(Math.ceil(events.length / 7))
  })

  test('all of them in one log', async () => {
    const directory = join(root, 'all')
    const events = [...worlds.values()].flat()
    await writeEvents(directory, events, signer, { batch: 40 })
    const verdict = await verifyLog({ directories: [directory], trust })
    expect(verdict).toMatchObject({ status: 'valid', findings: [], counts: { entries: events.length } })
    expect(verdict.counts.tiles).toBeGreaterThanOrEqual(2)
  })
})
