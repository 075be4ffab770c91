import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { simulate } from '@gatewright/testing/simulation'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeKeys, writeEvents } from '../../test/written-log'
import { verifyLog } from './verify-log'

const SEEDS = Number(process.env.VERIFY_SEEDS ?? 30)

describe('logs of simulated worlds, with crashes, several processes and several logs', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'verify-'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test(`nothing is found in the logs of ${SEEDS} honest worlds`, async () => {
    let executions = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { evidence, violations } = await simulate({ seed, turns: 300 })
      expect(violations).toEqual([])
      const directories: string[] = []
      const trust = []
      for (const [id, bytes] of Object.entries(evidence.logs)) {
        const events = Buffer.from(bytes)
          .toString()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => (JSON.parse(line) as { event: AuditEvent }).event)
        if (events.length === 0) continue
        const origin = `log.test/${seed}/${id.replaceAll(/[^a-z0-9-]/gi, '-')}`
        const keys = makeKeys(origin)
        const directory = join(root, `${seed}-${directories.length}`)
        await writeEvents(directory, events, keys.signer, { origin, batch: 50 })
        directories.push(directory)
        trust.push(...keys.trust)
      }
      if (directories.length === 0) continue
      const verdict = await verifyLog({ directories, trust })
      expect({ seed, findings: verdict.findings.filter(({ severity }) => severity === 'error') }).toEqual({
        seed,
        findings: [],
      })
      executions += verdict.counts.executions
    }
    expect(executions).toBeGreaterThan(SEEDS)
  })
})
