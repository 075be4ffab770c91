import { type ApproverHarness, describeApprover } from '@gatewright/testing/conformance'
import { optionsFor } from '../test/bench'
import { elementsOf, textOf } from '../test/card-schema'
import { principalOf, teamsClient } from '../test/client'
import { ADA, fakeTeams } from '../test/fake-teams'
import { teamsApprover } from './index'

const harness: ApproverHarness = {
  async create({ clock }) {
    const teams = await fakeTeams(clock.now)
    const approver = teamsApprover(optionsFor(teams))
    const client = teamsClient(teams, approver, clock.now)
    return {
      approver,
      person: principalOf(ADA),
      see: () => client.read(),
      messages: async (requestId) => (await client.about(requestId)).length,
      async showsApproved(requestId) {
        const cards = await Promise.all((await client.about(requestId)).map(client.seen))
        return cards.some((card) => /^✅ Approved/m.test(textOf(card)))
      },
      approve: async (requestId) => (await client.press(requestId, 'approve'))?.status === 200,
      reject: async (requestId, reason) => (await client.press(requestId, 'reject', reason))?.status === 200,
      forge: (requestId, claimed) =>
        client.press(requestId, 'approve', undefined, {
          data: { user: claimed, actor: claimed, from: claimed, aadObjectId: claimed.subject },
          activity: { actor: claimed, user: claimed, aadObjectId: claimed.subject },
        }),
      async live() {
        return (await client.cards()).flatMap(elementsOf).flatMap((element) => liveIn(element))
      },
      stall() {
        teams.state.stall = true
      },
      async dispose() {
        await teams.close()
        if (teams.breaches.length > 0)
          throw new Error(`Teams would refuse this: ${teams.breaches.join('; ')}`)
      },
    }
  },
  // Teams shows no form in a message that could hold any arguments; the inbox edits.
  capabilities: { edit: false },
}

/** What a client would follow, notify or execute. */
function liveIn({ type, text, url, selectAction }: Record<string, unknown>): readonly string[] {
  const inert = ['AdaptiveCard', 'RichTextBlock', 'TextRun', 'Container', 'Input.Text', 'Action.ShowCard']
  if (type === 'TextRun')
    return /\{\{(DATE|TIME)\(/.test(String(text)) || (selectAction && !ours(text)) ? [String(text)] : []
  if (type === 'Action.OpenUrl') return ours(url) ? [] : [String(url)]
  if (type === 'Action.Execute' || type === 'Action.Submit') return []
  return inert.includes(String(type)) ? [] : [`${type}`]
}

const ours = (url: unknown): boolean => String(url).startsWith('https://gate.test/')

describeApprover('the bot for Teams', harness)
