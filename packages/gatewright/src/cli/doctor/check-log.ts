import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  keySigner,
  parseVerifierKey,
  readLog,
  readLogKeys,
  type TrustedKey,
  type Verdict,
  verifyLog,
} from '@gatewright/audit'
import { logHolder } from '../../log-holder'
import type { CommandIo } from '../io'
import { ProgressBar } from '../progress-bar'
import { quoteWord } from '../shell-words'
import { checkClock } from './check-clock'
import { type DoctorFindings, reasonOf } from './findings'
import { checkPrivate } from './permissions'
import type { DoctorSystem } from './system'

/** What is written while it is read looks cut off once, and not every time. */
const TRIES = 3

/** The signed log of a gate: who holds it, its key, and, unless it is to be quick, every byte of it. */
export async function checkLog(
  directory: string,
  {
    findings,
    io,
    quick,
    system,
  }: { findings: DoctorFindings; io: CommandIo; quick: boolean; system: DoctorSystem },
): Promise<void> {
  const key = `${directory}.key`
  if (!existsSync(join(directory, 'journal'))) {
    findings.ok('log', `${directory} is not there yet: the first start begins it`)
    return
  }
  checkPrivate('log', directory, system, findings)
  const isHeld = checkHolder(directory, system, findings)
  const canRead = checkKeyFile(directory, key, system, findings)
  if (quick) return
  let keys: readonly TrustedKey[]
  try {
    keys = await readLogKeys(directory)
  } catch (error) {
    findings.problem('log', `${directory} is damaged: ${reasonOf(error)}`, restore(directory))
    return
  }
  if (canRead) checkKey(key, keys, findings)
  await checkContent(directory, keys, isHeld, io, findings)
  checkClock("the log's newest entry", await newestTime(directory), system.now(), findings)
}

function restore(directory: string): string {
  return `keep the log and its key as they are, and begin a new one: ${moveAway(directory, 'damaged')} && ${moveAway(`${directory}.key`, 'damaged')}`
}

function moveAway(path: string, ending: string): string {
  return `mv ${quoteWord(path)} ${quoteWord(`${path}.${ending}`)}`
}

/** @returns whether a process has it open */
function checkHolder(directory: string, system: DoctorSystem, findings: DoctorFindings): boolean {
  const path = join(directory, 'lock')
  const holder = logHolder(directory)
  if (holder === null) {
    findings.ok('log', 'no process has the log open')
    return false
  }
  if (holder === 'unreadable') {
    findings.problem(
      'log',
      `${path} keeps every process out, and does not say which one it is for`,
      `when no program runs that writes this log: rm ${quoteWord(path)}`,
    )
    return false
  }
  const { host, pid } = holder
  if (host !== hostname()) {
    findings.warning(
      'log',
      `process ${pid} on ${host} has the log open; from here nobody can tell whether it lives`,
      `one process writes a log, on one machine. When that one is gone for certain: rm ${quoteWord(path)}`,
    )
    return true
  }
  const lives = system.isAlive(pid)
  findings.ok(
    'log',
    lives
      ? `process ${pid} has the log open: another one needs a dataDirectory of its own`
      : `process ${pid} had the log open, and is gone: the next start takes it over`,
  )
  return lives
}

/** @returns whether the key can be used */
function checkKeyFile(
  directory: string,
  key: string,
  system: DoctorSystem,
  findings: DoctorFindings,
): boolean {
  if (existsSync(key)) return checkPrivate('log', key, system, findings)
  findings.problem(
    'log',
    `the key of the log is gone (${key}): the log opens with no other`,
    `put it back from where it was kept; else begin a new log beside this one: ${moveAway(directory, 'old')}`,
  )
  return false
}

function checkKey(path: string, keys: readonly TrustedKey[], findings: DoctorFindings): void {
  try {
    const { name } = parseVerifierKey(keys[0]?.vkey ?? '')
    const { verifierKey } = keySigner(name, createPrivateKey(readFileSync(path)))
    const current = keys.some(({ to, vkey }) => vkey === verifierKey && to === null)
    if (current) findings.ok('log', `${path} is the log's key, for this user alone`)
    else if (keys.some(({ vkey }) => vkey === verifierKey))
      findings.problem(
        'log',
        `${path} is a key that the log no longer has`,
        `put the newer one in its place: ls -l ${quoteWord(path)}*`,
      )
    else
      findings.problem(
        'log',
        `${path} is the key of another log`,
        'put the key of this log in its place, from where it was kept',
      )
  } catch {
    // What OpenSSL says of it stays out: it may quote the file.
    findings.problem(
      'log',
      `${path} holds no key`,
      'put the key of this log in its place, from where it was kept',
    )
  }
}

async function checkContent(
  directory: string,
  keys: readonly TrustedKey[],
  isHeld: boolean,
  io: CommandIo,
  findings: DoctorFindings,
): Promise<void> {
  let verdict = await verified(directory, keys, io)
  for (let tries = 1; isHeld && verdict.status !== 'valid' && tries < TRIES; tries += 1)
    verdict = await verified(directory, keys, io)
  const { counts, status } = verdict
  const entries = `${counts.entries.toLocaleString('en-US')} entries`
  const first = verdict.findings.find(({ severity }) => severity === 'error')
  if (status === 'valid')
    findings.ok('log', `${directory} holds: ${entries}, by the keys that it names itself`)
  else if (status === 'incomplete')
    findings.warning(
      'log',
      `${directory} holds, but not all of it is there: ${first?.message ?? 'its end was cut off'}`,
      isHeld
        ? 'look again when its program is at rest'
        : 'start the program: what was being written when it died is cut, and that is recorded',
    )
  else
    findings.problem(
      'log',
      `${directory} does not hold: ${first?.message ?? 'it was changed'}${first === undefined ? '' : ` (${first.code})`}`,
      `do not rely on it; see all of it with: gatewright audit verify ${quoteWord(directory)} --trust FILE, and compare a backup`,
    )
}

async function verified(directory: string, trust: readonly TrustedKey[], io: CommandIo): Promise<Verdict> {
  const bar = new ProgressBar(io)
  try {
    return await verifyLog({
      directories: [directory],
      trust,
      onProgress: (progress) => bar.update(progress),
    })
  } finally {
    bar.done()
  }
}

async function newestTime(directory: string): Promise<number | null> {
  let newest: number | null = null
  try {
    for await (const { event } of readLog(directory)) {
      if (newest === null || event.time > newest) newest = event.time
    }
  } catch {
    // What is wrong with it was said.
  }
  return newest
}
