import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'
import { createGate, type Gate, group, person } from '..'

const place = mkdtempSync(join(tmpdir(), 'gatewright-requests-'))
const kept = join(place, 'kept')
const store = ['--store', join(kept, 'requests.db')] as const
let gate: Gate
let waiting = ''
let done = ''
const ended: Promise<unknown>[] = []

/** An agent's process with one call that ran, and one that waits. */
beforeAll(async () => {
  gate = createGate({
    agent: { id: 'bot', name: 'Bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    redact: { keys: ['badge'] },
    dataDirectory: kept,
    logger: { info() {}, warn() {}, error() {} },
  })
  const send = gate.requireApproval(async (to: string, badge: string) => `${to}${badge}`.length, {
    action: 'mail.send',
    title: 'Send a mail',
    parameters: ['to', 'badge'],
  })
  const ask = async (to: string): Promise<string> => {
    const created = new Promise<string>((resolve) => {
      const stop = gate.on('request.created', ({ event }) => {
        stop()
        resolve(event.subject)
      })
    })
    ended.push(send(to, 'B-7').catch((error: unknown) => error))
    return created
  }
  done = await ask('a@example.com')
  const review = await gate.requests.review(done)
  const actor = person('https://idp.test', 'ada', {
    name: 'Ada',
    groups: ['ops'],
    assurance: { method: 'sso' },
  })
  await gate.vote({ requestId: done, decision: 'approve', digest: review?.digest ?? '', actor })
  await ended[0]
  waiting = await ask('\u001b[2Jb@example.com')
})

afterAll(async () => {
  await gate.close()
  rmSync(place, { recursive: true, force: true })
})

describe('gatewright requests list', () => {
  test('prints requests of another process, newest first', async () => {
    const { code, out } = await cli('requests', 'list', ...store)
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(new RegExp(`${waiting.slice(-6)} {2}pending +mail\\.send +Bot +[\\w ]+ left$`))
    expect(lines[1]).toMatch(
      new RegExp(`${done.slice(-6)} {2}succeeded +mail\\.send +Bot +Ada approved · 16$`),
    )
  })

  test('filters, and prints what is stored as JSON', async () => {
    const { out } = await cli('requests', 'list', ...store, '--status', 'pending', '--json')
    expect(JSON.parse(out)).toMatchObject({ id: waiting, status: 'pending' })
    const none = await cli('requests', 'list', ...store, '--action', 'mail.read')
    expect(none).toEqual({ code: 0, out: '', err: 'There are none.' })
    expect((await cli('requests', 'list', ...store, '--last', '1')).out).toContain(waiting.slice(-6))
  })
})

describe('gatewright requests show', () => {
  test('shows what reviewers see, by the end of the id, and hides what the agent’s gate hides', async () => {
    const { code, out } = await cli('requests', 'show', waiting.slice(-6), ...store)
    expect(code).toBe(0)
    expect(out).toContain('Send a mail')
    expect(out).toContain('b@example.com')
    expect(out).not.toContain('\u001b')
    expect(out).not.toContain('B-7')
    expect(out).toContain(waiting)
  })

  test('as JSON, the very document that the agent’s gate has', async () => {
    const { out } = await cli('requests', 'show', waiting, ...store, '--json')
    const own = await gate.requests.review(waiting)
    expect(JSON.parse(out)).toEqual(own)
  })
})

describe('gatewright requests cancel', () => {
  test('cancels what waits: its caller is told, and a second time it is too late', async () => {
    const { code, out } = await cli('requests', 'cancel', waiting, ...store, '--reason', 'not today')
    expect({ code, out }).toEqual({ code: 0, out: `${waiting}: cancelled. It will not run.` })
    expect(await ended[1]).toMatchObject({ code: 'ERR_APPROVAL_CANCELLED' })
    const again = await cli('requests', 'cancel', waiting, ...store)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is cancelled') })
    const late = await cli('requests', 'cancel', done, ...store)
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('is succeeded') })
  })
})

describe('what cannot be done', () => {
  const broken = join(place, 'broken.db')
  beforeAll(() =>
    writeFileSync(broken, 'this is no database, and never was one, however long it is'.repeat(20)),
  )

  test.each([
    [['requests', 'list', '--store', join(place, 'nowhere.db')], 4, /there are no requests at/],
    [['requests', 'list', '--store', broken], 1, /broken\.db/],
    [['requests', 'list', ...store, '--status', 'asleep'], 4, /none of pending/],
    [['requests', 'list', ...store, '--last', '0'], 4, /is no count/],
    [['requests', 'list', 'pending'], 4, /--store/],
    [['requests', 'show', ...store], 4, /the id of one request/],
    [['requests', 'show', 'ABCDEF', ...store], 1, /there is no request ABCDEF/],
    [['requests', 'cancel', ...store], 4, /the id of one request/],
    [
      ['requests', 'list', '--store', 'postgres://nobody:s3cret@127.0.0.1:1/x'],
      1,
      /no PostgreSQL server answers|npm install @gatewright\/store-postgres/,
    ],
    [['inbox', ...store], 4, /needs a terminal/],
    [['requests', 'approve'], 4, /there is no command "requests approve".*requests list/],
  ])('%j', async (args, code, problem) => {
    const result = await cli(...args)
    expect(result).toMatchObject({ code, err: expect.stringMatching(problem) })
    expect(result.err).not.toContain('s3cret')
  })

  test.each(['requests list', 'requests show', 'requests cancel', 'inbox'])(
    '%s explains itself',
    async (name) => {
      const { code, out } = await cli(...name.split(' '), '--help')
      expect(code).toBe(0)
      expect(out).toContain(`Usage: gatewright ${name}`)
    },
  )
})
