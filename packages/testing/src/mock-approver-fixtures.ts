import type { Principal, Recipients } from '@gatewright/core'
import { type FakeHost, fakeHost } from './conformance/fake-host'
import { fakeClock } from './fake-clock'
import type { MockApprover } from './mock-approver'

/** One reviewer of the group ops is asked. */
export const ops: Recipients = { purpose: 'ask', stages: [stage('review', 'ops', 1)] }
/** A signal that never aborts. */
export const signal = new AbortController().signal
/** Somebody whom the script may name. */
export const ada: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'ada',
  name: 'Ada',
  groups: ['ops'],
  assurance: { method: 'sso' },
}

/** A stage that asks members of a group. */
export function stage(name: string, group: string, atLeast: number): Recipients['stages'][number] {
  return { requirement: 'default', stage: name, reviewers: { type: 'group', name: group }, atLeast }
}

/** Starts an approver on a host of its own. */
export async function started(approver: MockApprover): Promise<FakeHost> {
  const host = fakeHost(fakeClock())
  await approver.start?.(host)
  return host
}

let deliveries = 0
/** Opens a request, delivers it, and lets everything settle. */
export async function deliver(
  approver: MockApprover,
  host: FakeHost,
  source: Parameters<FakeHost['ask']>[0],
  to = ops,
): Promise<void> {
  deliveries += 1
  await approver.deliver(host.ask(source, approver.limits), to, `delivery-${deliveries}`, signal)
  await host.clock.settle()
}
