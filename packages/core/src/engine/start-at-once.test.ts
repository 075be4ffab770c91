import { type ApprovalStore, memoryStore, when } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { attempt, scene, settle } from '../../test/scene'

const KEYED = { action: 'data.export', key: () => 'one' } as const
const allowed = { policy: [when('*').allow()] }

/** A store that keeps count of what it is asked for, and whose next creation goes as `wire.creating` says. */
function counted() {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const wire = {
    calls: [] as string[],
    creating: (save: () => unknown): unknown => save(),
  }
  const store: ApprovalStore = Object.assign(Object.create(shared), {
    create(...given: Parameters<ApprovalStore['create']>) {
      wire.calls.push(`create ${given[0].status}`)
      return wire.creating(() => shared.create(...given))
    },
    transition(change: Parameters<ApprovalStore['transition']>[0]) {
      wire.calls.push(`to ${change.next.status}`)
      return shared.transition(change)
    },
    getByKey(key: string) {
      wire.calls.push('by key')
      return shared.getByKey(key)
    },
  })
  return { shared, wire, ...scene({ ...allowed, clock, store }) }
}

describe('a keyed call that nobody votes on', () => {
  test('is saved running, in one write, and once more with its outcome', async () => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    expect(await tool('users')).toBe('done')
    expect(s.wire.calls).toEqual(['create executing', 'to succeeded'])
    const { requests } = await s.store.list({})
    expect(requests).toMatchObject([
      { version: 2, status: 'succeeded', basis: 'policy', lastEvent: { seq: 3 } },
    ])
  })

  test('leaves the log of a request that was approved by policy and then claimed', async () => {
    const s = counted()
    await s.gate.requireApproval(s.effect, KEYED)('users')
    const { requests } = await s.store.list({})
    const id = requests[0]?.id ?? ''
    expect(await s.types(id)).toEqual(['request.created', 'execution.started', 'execution.succeeded'])
    const [created] = await s.events('request.created')
    const [started] = await s.events('execution.started')
    expect(created?.data).toMatchObject({ basis: 'policy', keyed: true, status: 'approved' })
    expect(started?.data).toMatchObject({
      argumentsDigest: created?.data.argumentsDigest,
      basis: 'policy',
      fencingToken: requests[0]?.execution?.fencingToken,
    })
  })

  test('I3: follows whoever has its key, in this process and in others', async () => {
    const s = counted()
    let finish = (_: string) => {}
    const runs: string[] = []
    const work = (name: string) => {
      runs.push(name)
      return new Promise<string>((resolve) => (finish = resolve))
    }
    const kept = { ...KEYED, keepResult: true }
    const first = attempt(s.gate.requireApproval(work, kept)('users'))
    await settle()
    const second = attempt(s.gate.requireApproval(work, kept)('users'))
    const third = attempt(s.neighbour().gate.requireApproval(work, kept)('users'))
    await settle()
    finish('exported')
    await Promise.all([first.ended, second.ended, third.ended])
    expect([first.value, second.value, third.value]).toEqual(['exported', 'exported', 'exported'])
    expect(runs).toEqual(['users'])
  })

  test('I2: is refused where its key belongs to other arguments', async () => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    await tool('users')
    const other = attempt(tool('secrets'))
    await other.ended
    expect(other.code).toBe('ERR_KEY_CONFLICT')
    expect(s.runs).toEqual([['users']])
  })

  test('I8: does not run when the answer is lost, and what was saved is closed as blocked', async () => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    s.wire.creating = async (save) => {
      await save()
      throw new Error('connection reset')
    }
    const lost = attempt(tool('users'))
    await lost.ended
    expect(lost.code).toBe('ERR_STORE_UNAVAILABLE')
    s.wire.creating = (save) => save()
    const again = attempt(tool('users'))
    await s.clock.advance('2m')
    expect(again.code).toBe('ERR_EXECUTION_BLOCKED')
    const { requests } = await s.store.list({})
    expect(requests).toMatchObject([
      { status: 'blocked', outcome: { summary: expect.stringContaining('nothing ran') } },
    ])
    expect(s.runs).toEqual([])
  })

  test('I8: is not taken for a lost one while the store takes its time to answer', async () => {
    const s = counted()
    let answer = () => {}
    s.wire.creating = async (save) => {
      const saved = await save()
      await new Promise<void>((resolve) => (answer = resolve))
      return saved
    }
    const call = attempt(s.gate.requireApproval(s.effect, KEYED)('users'))
    await s.clock.advance('10m')
    answer()
    await call.ended
    expect(call.value).toBe('done')
    const { requests } = await s.store.list({})
    expect(requests.map(({ status }) => status)).toEqual(['succeeded'])
  })

  test('that was not saved leaves nothing behind, and runs when it comes again', async () => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    s.wire.creating = () => {
      throw new Error('no space left')
    }
    const failed = attempt(tool('users'))
    await failed.ended
    expect(failed.code).toBe('ERR_STORE_UNAVAILABLE')
    s.wire.creating = (save) => save()
    expect(await tool('users')).toBe('done')
    // Nothing counts as running that does not: the gate could not close.
    await s.close()
    expect(s.runs).toEqual([['users']])
  })

  test.each([
    [
      'its caller gives up',
      (_: unknown, stop: AbortController) => stop.abort(),
      'its caller gave up just then',
    ],
    ['the gate closes', (s: ReturnType<typeof counted>) => void s.gate.close(), 'the gate was closed'],
  ] as const)('I6: does not run when %s while it is saved', async (_what, happen, summary) => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    const stop = new AbortController()
    s.wire.creating = async (save) => {
      const answer = await save()
      happen(s, stop)
      return answer
    }
    const call = attempt(s.gate.as({ signal: stop.signal }, () => tool('users')))
    await call.ended
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    const { requests } = await s.shared.list({})
    expect(requests).toMatchObject([{ status: 'blocked', outcome: { summary } }])
    expect(s.runs).toEqual([])
  })

  test('I7: does not run when its start cannot be published', async () => {
    const s = counted()
    const tool = s.gate.requireApproval(s.effect, KEYED)
    await tool('first')
    const other = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'two' })
    s.audit.failing = () => true
    const call = attempt(other('users'))
    await call.ended
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    expect(s.runs).toEqual([['first']])
  })

  test('T10: is claimed apart when it pins something, which is looked at once more', async () => {
    const s = counted()
    let version = 0
    const pin = () => {
      version += 1
      return { file: `v${version}` }
    }
    const call = attempt(s.gate.requireApproval(s.effect, { ...KEYED, pin })('users'))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.wire.calls).toEqual(['by key', 'create approved', 'to invalidated'])
    expect(s.runs).toEqual([])
  })

  test('is claimed apart when an argument lives only here, and may have changed', async () => {
    const s = counted()
    const file = { name: 'a.txt' }
    const tool = s.gate.requireApproval(async (_: { name: string }) => 'sent', {
      ...KEYED,
      parameters: ['file'],
      facts: { file: (value) => (value as { name: string }).name },
    })
    s.wire.creating = (save) => {
      file.name = '/etc/passwd'
      return save()
    }
    const call = attempt(tool(file))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
  })

  test('of a gate that observes runs likewise, and is logged as such', async () => {
    const s = scene({ mode: 'observe' })
    expect(await s.gate.requireApproval(s.effect, KEYED)('users')).toBe('done')
    const [started] = await s.events('execution.started')
    expect(started?.data.basis).toBe('observe')
  })

  test('that failed is tried again only when it says so', async () => {
    const s = counted()
    let failing = true
    const work = async () => {
      if (failing) throw new Error('no such table')
      return 'exported'
    }
    const first = attempt(s.gate.requireApproval(work, KEYED)())
    await first.ended
    failing = false
    const second = attempt(s.gate.requireApproval(work, KEYED)())
    await second.ended
    expect([first.message, second.state]).toEqual(['no such table', 'rejected'])
    expect(await s.gate.requireApproval(work, { ...KEYED, retry: true })()).toBe('exported')
  })
})
