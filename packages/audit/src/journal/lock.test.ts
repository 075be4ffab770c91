import { expect, test } from 'vitest'
import { type MemoryFiles, memoryFiles } from '../../test/support/memory-files'
import { acquireLock, type LockSystem, realLockSystem, sweepLockLitter } from './lock'

const PATH = '/log/lock'

/** A machine with some processes, by id and start. */
function machine(processes: Record<number, string>, pid = 1, host = 'here'): LockSystem {
  return {
    host,
    pid,
    startTime: async (id) => processes[id] ?? null,
    isAlive: (id) => id in processes,
  }
}

async function disk(): Promise<MemoryFiles> {
  const files = memoryFiles()
  await files.makeDirectory('/log')
  return files
}

test('a lock is held by one, and free again once given back', async () => {
  const files = await disk()
  const system = machine({ 1: 'a' })
  const lock = await acquireLock(files, PATH, system)
  await expect(acquireLock(files, PATH, system)).rejects.toMatchObject({
    code: 'ERR_LOG_LOCKED',
    message: expect.stringContaining('process 1 on here'),
    place: { file: PATH },
  })
  expect(await lock.isHeld()).toBe(true)
  await lock.release()
  await (await acquireLock(files, PATH, system)).release()
  expect(await files.list('/log')).toEqual([])
})

test.each([
  ['its process is gone', machine({ 2: 'b' }, 2)],
  ['another process has its id now', machine({ 1: 'later', 2: 'b' }, 2)],
])('a lock is taken over when %s', async (_, system) => {
  const files = await disk()
  const first = await acquireLock(files, PATH, machine({ 1: 'a' }))
  const second = await acquireLock(files, PATH, system)
  expect(await first.isHeld()).toBe(false)
  expect(await second.isHeld()).toBe(true)
  // Whoever lost the lock takes nobody else's away.
  await first.release()
  expect(await second.isHeld()).toBe(true)
  expect(await files.list('/log')).toEqual(['lock'])
})

test.each([
  ['its process lives', machine({ 1: 'a', 2: 'b' }, 2)],
  [
    'nobody can tell when its process started',
    { ...machine({ 1: 'a', 2: 'b' }, 2), startTime: async () => null },
  ],
  ['it is of another host', machine({}, 1, 'there')],
])('a lock is not taken over when %s', async (_, system) => {
  const files = await disk()
  const first = await acquireLock(files, PATH, machine({ 1: 'a' }))
  await expect(acquireLock(files, PATH, system)).rejects.toMatchObject({ code: 'ERR_LOG_LOCKED' })
  expect(await first.isHeld()).toBe(true)
})

test('a lock that cannot be read is respected', async () => {
  const files = await disk()
  await acquireLock(files, PATH, machine({ 1: 'a' }))
  files.setBytes(PATH, Buffer.from('{"pid":'))
  await expect(acquireLock(files, PATH, machine({}, 2))).rejects.toThrow('does not say who holds it')
})

test('of many who find a lock stale, one has it', async () => {
  const files = await disk()
  const system = machine({ 2: 'b' }, 2)
  await acquireLock(files, PATH, machine({ 1: 'a' }))
  const taking = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(files, PATH, system)))
  const taken = taking.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(taken.length).toBe(1)
  expect(await taken[0]?.isHeld()).toBe(true)
  expect(await files.list('/log')).toEqual(['lock'])
})

test('a taker that died at any step leaves a lock that can be taken', async () => {
  const stale = await disk()
  await acquireLock(stale, PATH, machine({ 1: 'a' }))
  const whole = stale.restart('all')
  await acquireLock(whole, PATH, machine({ 2: 'b' }, 2))
  for (let stop = 0; stop < whole.steps.length; stop += 1) {
    const files = stale.restart('all')
    files.stopAfter(stop)
    await Promise.race([acquireLock(files, PATH, machine({ 2: 'b' }, 2)), files.stopped])
    const after = files.restart('all')
    const system = machine({ 3: 'c' }, 3)
    const lock = await acquireLock(after, PATH, system)
    await sweepLockLitter(after, PATH, system)
    expect(await lock.isHeld()).toBe(true)
    // What was being written when its writer died names nobody, and may stay.
    const left = (await after.list('/log')) ?? []
    expect(left.filter((name) => name !== 'lock' && after.bytesOf(`/log/${name}`).length > 0)).toEqual([])
  }
})

test('this process knows when it started', async () => {
  expect(realLockSystem.isAlive(process.pid)).toBe(true)
  const started = await realLockSystem.startTime(process.pid)
  if (process.platform === 'linux') expect(started).toMatch(/^[0-9a-f-]{36}\/\d+$/)
  expect(await realLockSystem.startTime(process.pid)).toBe(started)
})

test('whoever was slow to take a stale lock does not take the lock that replaced it', async () => {
  const files = await disk()
  await acquireLock(files, PATH, machine({ 1: 'a' }))
  const system = machine({ 2: 'b', 3: 'c' }, 2)
  let faster: Awaited<ReturnType<typeof acquireLock>> | undefined
  const slow = {
    ...files,
    async link(from: string, to: string) {
      // It has found the lock stale; before it acts on that, another one takes the lock, and lives.
      if (/lock\.[0-9a-f]{16}$/.test(to)) faster ??= await acquireLock(files, PATH, system)
      await files.link(from, to)
    },
  }
  await expect(acquireLock(slow, PATH, { ...system, pid: 3 })).rejects.toThrow('locked by process 2')
  expect(await faster?.isHeld()).toBe(true)
})
