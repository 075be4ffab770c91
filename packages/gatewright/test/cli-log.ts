import { writeFileSync } from 'node:fs'
import { fileAudit } from '@gatewright/audit'
import { createGate, group, memoryStore, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { type CommandIo, run } from '../src/cli'

/** What a command line came to. */
export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line; answers with its exit code and all that it printed. */
export function cli(...args: string[]): Promise<CliResult> {
  return cliWith({}, ...args)
}

/** The same, for somebody who reads it in a way of their own. */
export async function cliWith(seen: Partial<CommandIo>, ...args: string[]): Promise<CliResult> {
  const out: string[] = []
  const err: string[] = []
  const io: CommandIo = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    progress() {},
    ...seen,
  }
  return { code: await run(args, io), out: out.join('\n'), err: err.join('\n') }
}

/** A log of one allowed call and one that a reviewer approved, with its trust file beside. Answers with the request's id. */
export async function makeLog(directory: string): Promise<string> {
  let requestId = ''
  const audit = fileAudit({ directory, origin: 'example.com/cli' })
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'approve' })],
    reviewers: group('ops'),
    policy: [when('data.count').allow()],
    audit,
    store: memoryStore(),
    logger: { info() {}, warn() {}, error() {} },
  })
  const count = gate.requireApproval(async () => 3, { action: 'data.count' })
  const send = gate.requireApproval(async (text: string) => text.length, {
    action: 'mail.send',
    parameters: ['text'],
  })
  gate.on('request.created', ({ event }) => {
    requestId = event.subject
  })
  await count()
  await send('\u001b[2Jclear the screen')
  await gate.close()
  await audit.close()
  writeFileSync(`${directory}.trust.json`, (await cli('audit', 'key', directory)).out)
  return requestId
}
