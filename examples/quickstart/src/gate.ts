import { reviewLinks } from '@gatewright/server'
import {
  type ApprovalStore,
  type Approver,
  type AuditSink,
  consoleApprover,
  createGate,
  type Gate,
  group,
  service,
  when,
} from 'gatewright'
import { scriptedReviewers } from './scripted-reviewers'

/** Everything about who may do what stands here; the tools and the agent know nothing of it. */
export function openGate(
  environment: string,
  atTerminal: boolean,
  { audit, store, url }: { readonly audit: AuditSink; readonly store: ApprovalStore; readonly url: string },
): Gate {
  const approver: Approver = atTerminal
    ? consoleApprover({ demo: true, groups: ['ops'] })
    : scriptedReviewers()
  return createGate({
    // A service answers for this agent, so that both demo people may review it: nobody reviews their own calls.
    agent: { id: 'ops-bot', name: 'Ops bot', owner: service('demo', 'operations', { name: 'Operations' }) },
    approvers: [approver],
    reviewers: group('ops'),
    policy: [
      when('customers.count').allow(),
      when('customer.delete').require({
        id: 'two-people',
        reviewers: group('ops', { atLeast: 2 }),
        within: '30m',
      }),
      when('schema.migrate')
        .if(() => environment === 'production')
        .deny('the schema is not changed in production'),
    ],
    audit,
    store,
    // Whoever cannot decide at the terminal is led to the inbox.
    ...reviewLinks(url),
    // A run that was killed goes on soon after.
    lease: '5s',
    // Whoever tries it twice in a row wants to be asked again.
    coolDown: '5s',
    sweepEvery: '1s',
  })
}
