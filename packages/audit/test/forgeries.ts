import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { afterAll, expect, test } from 'vitest'
import type { FindingCode, Verdict } from '../src/verify'
import { verifyLog } from '../src/verify'
import { type Change, forge, told } from './forge'
import { honestWorld } from './honest-worlds'
import { makeKeys, writeEvents } from './written-log'

const root = mkdtempSync(join(tmpdir(), 'forge-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const one = makeKeys('log.test/one')
const two = makeKeys('log.test/two')
const trust = [...one.trust, ...two.trust]
let made = 0

/** Verifies logs that their keys signed as they are: only what they say can give them away. */
export async function verify(
  events: readonly AuditEvent[],
  others?: readonly AuditEvent[],
): Promise<Verdict> {
  const directories = [join(root, `${made++}`)]
  await writeEvents(directories[0] ?? '', events, one.signer, { origin: 'log.test/one' })
  if (others !== undefined) {
    directories.push(join(root, `${made++}`))
    await writeEvents(directories[1] ?? '', others, two.signer, { origin: 'log.test/two' })
  }
  return verifyLog({ directories, trust })
}

export type World = Parameters<typeof honestWorld>[0]

export const drop: Change = () => []
export const DAY = 86_400_000
export const OTHER = '0'.repeat(64)
export const eve = { issuer: 'https://idp.test', subject: 'eve' }
export const actor = (event: AuditEvent, who: object) =>
  told(event, { actor: { ...(event.data.actor as object), ...who }, person: who })
export const twice: Change = (event) => [event, event]

/** What is forged, in which world, how, what must be found, and at an event of which type. */
export type Forgery = [name: string, world: World, change: Change, code: FindingCode, type?: string]

/** Plays each forgery, and expects that it is found as what it is, at the event that gives it away. */
export function testForgeries(forgeries: readonly Forgery[]): void {
  test.each(forgeries.map(([name, ...forgery]) => ({ name, forgery })))('$name', async ({ forgery }) => {
    const [world, change, code, type] = forgery
    const honest = await honestWorld(world)
    const forged = forge(honest, change)
    expect(forged).not.toEqual(honest)
    const { findings, status } = await verify(forged)
    const all = findings.filter((finding) => finding.code === code && finding.severity === 'error')
    expect({ all: findings.map((finding) => finding.code), code: all[0]?.code }).toMatchObject({ code })
    expect(status).toBe('invalid')
    const types = all.map(({ place }) => forged[place.index ?? -1]?.type)
    if (type !== undefined) expect(types).toContain(type)
  })
}
