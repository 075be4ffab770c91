import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { verifyLog } from '../../packages/audit/src/verify'
import { forge, only, told } from '../../packages/audit/test/forge'
import { honestWorld, honestWorlds } from '../../packages/audit/test/honest-worlds'
import { makeKeys, writeEvents } from '../../packages/audit/test/written-log'

const hasPython = spawnSync('python3', ['--version']).status === 0
const script = join(import.meta.dirname, 'verify.py')
const root = mkdtempSync(join(tmpdir(), 'interop-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const { signer, trust } = makeKeys()
let made = 0

async function log(events: readonly AuditEvent[]): Promise<string> {
  const directory = join(root, `${made++}`)
  await writeEvents(directory, events, signer, { batch: 50 })
  return directory
}

/** What both verifiers say of a log. */
async function judge(directory: string, vkey = signer.verifierKey) {
  const python = spawnSync('python3', [script, directory, vkey], { encoding: 'utf8' })
  const ours = await verifyLog({ directories: [directory], trust: [{ vkey, from: 0, to: null }] })
  return { python: python.status, said: `${python.stdout}${python.stderr}`, ours: ours.status }
}

function flip(directory: string, file: string, at: number): void {
  const path = join(directory, file)
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const WRONG: readonly (readonly [string, (honest: readonly AuditEvent[]) => readonly AuditEvent[]])[] = [
  [
    'a vote that is missing',
    (honest) =>
      forge(
        honest,
        only('request.vote-cast', () => []),
      ),
  ],
  [
    'an approval that is missing',
    (honest) =>
      forge(
        honest,
        only('request.approved', () => []),
      ),
  ],
  [
    'a second run',
    (honest) =>
      forge(
        honest,
        only('execution.started', (event) => [event, event]),
      ),
  ],
  [
    'a second outcome',
    (honest) =>
      forge(
        honest,
        only('execution.succeeded', (event) => [event, event]),
      ),
  ],
  [
    'other arguments',
    (honest) =>
      forge(
        honest,
        only('execution.started', (event) => told(event, { argumentsDigest: '0'.repeat(64) })),
      ),
  ],
  [
    'a vote of an agent',
    (honest) =>
      forge(
        honest,
        only('request.vote-cast', (event) =>
          told(event, { actor: { ...(event.data.actor as object), type: 'agent' } }),
        ),
      ),
  ],
  [
    'an event in the middle that was changed',
    (honest) =>
      honest.map((event) => (event.type === 'request.vote-cast' ? told(event, { note: 'other' }) : event)),
  ],
]

describe.skipIf(!hasPython)(
  `a verifier in Python agrees with ours${hasPython ? '' : ' (skipped: there is no python3)'}`,
  () => {
    test('on honest logs of every ending', async () => {
      const worlds = await honestWorlds()
      for (const [name, events] of worlds) {
        const { ours, python, said } = await judge(await log(events))
        expect({ name, python, said: python === 0 ? '' : said, ours }).toEqual({
          name,
          python: 0,
          said: '',
          ours: 'valid',
        })
      }
      const all = await judge(
        await log(
          [...worlds.values(), ...worlds.values()].flat().slice(0, [...worlds.values()].flat().length),
        ),
      )
      expect(all).toMatchObject({ python: 0, ours: 'valid' })
    })

    test.each(WRONG)('on %s', async (_, change) => {
      const { ours, python } = await judge(await log(change(await honestWorld('voted'))))
      expect(python).toBe(1)
      expect(ours).not.toBe('valid')
    })

    test.each(['checkpoint', 'tile/0/000.p/8', 'tile/entries/000.p/8'])(
      'on a bit flipped in %s',
      async (file) => {
        const directory = await log((await honestWorld('voted')).slice(0, 8))
        expect(await judge(directory)).toMatchObject({ python: 0 })
        flip(directory, file, 60)
        const { ours, python } = await judge(directory)
        expect(python).toBe(1)
        expect(ours).toBe('invalid')
      },
    )

    test('on a key that nobody trusts', async () => {
      const directory = await log(await honestWorld('voted'))
      expect(await judge(directory, makeKeys().signer.verifierKey)).toMatchObject({
        python: 1,
        ours: 'invalid',
      })
      expect(trust).toHaveLength(1)
    })
  },
)
