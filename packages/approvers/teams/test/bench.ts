import { type FakeClock, fakeClock } from '@gatewright/testing'
import { type FakeHost, fakeHost } from '@gatewright/testing/conformance'
import { onTestFinished } from 'vitest'
import { type TeamsApproverOptions, teamsApprover } from '../src'
import { teamsClient } from './client'
import { APP, CHANNEL, type FakePerson, type FakeTeams, fakeTeams, PASSWORD, TENANT } from './fake-teams'

/** The options of an approver over the fake. */
export function optionsFor(teams: FakeTeams, more: Partial<TeamsApproverOptions> = {}): TeamsApproverOptions {
  return {
    appId: APP,
    tenantId: TENANT,
    password: PASSWORD,
    conversation: CHANNEL,
    serviceUrl: teams.serviceUrl,
    serviceUrls: [teams.serviceUrl],
    loginUrl: teams.base,
    openIdMetadataUrl: `${teams.base}metadata`,
    network: { allow: ['127.0.0.1'], allowHttp: true },
    ...more,
  }
}

/** A started approver over the fake, with a host that judges votes as a gate does. Nothing it sent may break a rule of Teams. */
export async function bench(more: Partial<TeamsApproverOptions> = {}) {
  const clock: FakeClock = fakeClock()
  const teams = await fakeTeams(clock.now)
  const host: FakeHost = fakeHost(clock)
  const approver = teamsApprover(optionsFor(teams, more))
  onTestFinished(async () => {
    await approver.stop?.()
    await teams.close()
    if (teams.breaches.length > 0) throw new Error(`Teams would refuse this: ${teams.breaches.join('; ')}`)
  })
  await approver.start?.(host)
  let deliveries = 0
  return {
    clock,
    teams,
    host,
    approver,
    client: (person?: FakePerson) => teamsClient(teams, approver, clock.now, person),
    /** Opens a request and has it delivered to a group. */
    async ask(source: Parameters<FakeHost['ask']>[0], group = 'ops', deliveryId?: string) {
      deliveries += 1
      const id = deliveryId ?? `delivery-${deliveries}`
      const review = host.ask(source, approver.limits)
      const reviewers = { type: 'group', name: group } as const
      const stages = [{ requirement: 'r', stage: 's', reviewers, atLeast: 1 }]
      const delivery = await approver.deliver(
        review,
        { stages, purpose: 'ask' },
        id,
        new AbortController().signal,
      )
      const sent = { id, reference: delivery.reference ?? null }
      return {
        review,
        delivery,
        sent,
        update: () => approver.update?.(host.review(review.requestId, approver.limits), sent),
      }
    },
  }
}
