import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createGate, type GateOptions, group, memoryAudit, memoryStore, OptionError, readLog, when } from '.'

let place = ''
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'gatewright-default-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const silent = { info() {}, warn() {}, error() {} }
const options = (more: Partial<GateOptions> = {}): GateOptions => ({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  policy: [when('*').allow()],
  logger: silent,
  dataDirectory: join(place, 'kept'),
  ...more,
})

async function typesIn(directory: string): Promise<string[]> {
  const types: string[] = []
  for await (const { event } of readLog(directory)) types.push(event.type)
  return types
}

describe('createGate of gatewright', () => {
  test('who named no approvers, and has no terminal, is told that nobody is asked', async () => {
    const { isTTY } = process.stdin
    process.stdin.isTTY = false
    try {
      const warn = vi.fn()
      const { approvers = [], ...unnamed } = options({ logger: { ...silent, warn } })
      await createGate({ ...unnamed, approvers }).close()
      expect(warn).not.toHaveBeenCalled()
      await createGate(unnamed).close()
      const store = join(place, 'kept', 'requests.db')
      expect(warn).toHaveBeenCalledWith(
        expect.stringContaining(`"npx gatewright inbox --group ops --store ${store}"`),
      )
      warn.mockClear()
      const { agent, logger, reviewers } = unnamed as GateOptions & {
        reviewers: NonNullable<GateOptions['reviewers']>
      }
      await createGate({ agent, logger: logger ?? silent, reviewers, ephemeral: true }).close()
      expect(warn).toHaveBeenCalledWith('there is no terminal to ask at: name approvers')
    } finally {
      process.stdin.isTTY = isTTY
    }
  })

  test('writes a signed log by default, and closes it with the gate', async () => {
    const gate = createGate(options())
    await gate.requireApproval(async () => 1, { action: 'data.count' })()
    await gate.close()
    await gate.close()
    expect(statSync(join(place, 'kept')).mode & 0o777).toBe(0o700)
    expect(await typesIn(join(place, 'kept', 'audit-log'))).toEqual([
      'log.opened',
      'gate.started',
      'execution.started',
      'execution.succeeded',
      'gate.closed',
      'log.closed',
    ])
    expect(existsSync(join(place, 'kept', 'audit-log', 'lock'))).toBe(false)
  })

  test('goes on with the log of the run before', async () => {
    for (let run = 0; run < 2; run += 1) {
      await using gate = createGate(options())
      await gate.requireApproval(async () => 1, { action: 'data.count' })()
    }
    const types = await typesIn(join(place, 'kept', 'audit-log'))
    expect(types.filter((type) => type === 'execution.succeeded')).toHaveLength(2)
  })

  test('T48: runs nothing over a log that is damaged, and says where', async () => {
    const first = createGate(options())
    await first.start()
    await first.close()
    const journal = join(place, 'kept', 'audit-log', 'journal')
    const path = join(journal, readdirSync(journal)[0] ?? '')
    const bytes = readFileSync(path)
    bytes[200] = (bytes[200] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const gate = createGate(options())
    const run = vi.fn(async () => 1)
    await expect(gate.requireApproval(run, { action: 'data.count' })()).rejects.toMatchObject({
      code: 'ERR_AUDIT_UNAVAILABLE',
    })
    expect(run).not.toHaveBeenCalled()
    await gate.close()
  })

  test('tells of executions that an earlier run left without an outcome', async () => {
    const gate = createGate(options({ timeouts: {} }))
    const hanging = gate.requireApproval(() => new Promise(() => {}), { action: 'data.hang' })
    void hanging().catch(() => {})
    const log = join(place, 'kept', 'audit-log')
    await expect.poll(() => typesIn(log)).toContain('execution.started')
    // The process dies: nobody gives its lock back.
    rmSync(join(log, 'lock'))
    const warn = vi.fn()
    const next = createGate(options({ logger: { ...silent, warn } }))
    await next.start()
    await next.close()
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('cut off'), {
      requestIds: [expect.any(String)],
    })
  })

  test('writes nothing when it is ephemeral, or has a log of its own', async () => {
    const { dataDirectory: _, ...bare } = options()
    for (const more of [{ ephemeral: true }, { audit: memoryAudit(), store: memoryStore() }]) {
      const gate = createGate({ ...bare, ...more })
      await gate.start()
      await gate.close()
    }
    expect(readdirSync(place)).toEqual([])
    expect(existsSync('.gatewright')).toBe(false)
  })

  test.each([
    [{ dataDirectory: '' }, /dataDirectory/],
    [{ dataDirectory: 7 as never }, /dataDirectory/],
    [{ ephemeral: true }, /dataDirectory.*of no use/],
    [{ audit: memoryAudit(), store: memoryStore() }, /dataDirectory.*of no use/],
    [{ nonsense: 1 } as never, /nonsense/],
  ])('refuses %j', async (more, problem) => {
    expect(() => createGate(options(more))).toThrow(OptionError)
    expect(() => createGate(options(more))).toThrow(problem)
  })
})
