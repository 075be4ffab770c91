import { sampleRequest } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import type { ApprovalRequest } from '../contracts/request'
import type { ApprovalStore } from '../contracts/store'
import { createWaiters } from './wait'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

function arrange(status: ApprovalRequest['status'] = 'approved') {
  const reads: (readonly string[])[] = []
  const store = {
    getMany(ids: readonly string[]) {
      reads.push(ids)
      return ids.map((id) => sampleRequest(id, { status }))
    },
  } as unknown as ApprovalStore
  return { reads, waiters: createWaiters(store, quiet, () => {}) }
}

/** A turn of the loop: whatever was to be read is read. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('whoever begins to wait', () => {
  test('reads a request that may have moved meanwhile', async () => {
    const { reads, waiters } = arrange()
    expect(await waiters.until('r-1', 'pending')).toMatchObject({ id: 'r-1', status: 'approved' })
    expect(reads).toEqual([['r-1']])
  })

  test('does not read what the store has just opened, until somebody hints at it', async () => {
    const { reads, waiters } = arrange()
    waiters.opened('r-1')
    const moved = waiters.until('r-1', 'pending')
    await turn()
    expect(reads).toEqual([])
    waiters.hint(['r-1'])
    expect(await moved).toMatchObject({ status: 'approved' })
  })

  test('reads what was hinted at since it was opened', async () => {
    const { waiters } = arrange()
    waiters.opened('r-1')
    waiters.hint(['r-1', 'r-2'])
    expect(await waiters.until('r-1', 'pending')).toMatchObject({ status: 'approved' })
  })

  test('takes the word that a request is new once', async () => {
    const { reads, waiters } = arrange('pending')
    waiters.opened('r-1')
    const both = [waiters.until('r-1', 'pending'), waiters.until('r-1', 'pending')]
    await turn()
    expect(reads).toEqual([['r-1']])
    waiters.abandon(new Error('closed'))
    for (const moved of both) await expect(moved).rejects.toThrow('closed')
  })
})
