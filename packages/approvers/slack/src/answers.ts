import type { ApproverHost, Principal, VoteReceipt } from '@gatewright/core'
import { isAddress } from './blocks/message'
import { address, escaped, line, type Row, shortened, toBlocks, words } from './blocks/rows'
import type { SlackWeb } from './web'

/** Where somebody is answered: in the channel, for them alone. */
export interface Reader {
  readonly channel: string
  readonly user: string
}

const MARKS: Readonly<Record<VoteReceipt['status'], string>> = {
  counted: '✅',
  'already-counted': 'ℹ️',
  'too-late': '⌛',
  refused: '⛔',
}

/** What the gate answered to a vote: never more than it says (T42), and the way out where there is one. */
export async function receiptRows(
  host: ApproverHost,
  receipt: VoteReceipt,
  actor: Principal,
): Promise<readonly Row[]> {
  const said = line(words(`${MARKS[receipt.status]} ${receipt.message}`))
  if (receipt.status !== 'refused') return [said]
  const { link } = receipt
  if (link !== undefined && isAddress(link)) return [said, line(words('Continue at '), address(link))]
  const invitation = receipt.reason === 'not-found' ? await invitationOf(host, actor) : null
  if (invitation === null || !isAddress(invitation)) return [said]
  const why = 'If you are asked under another identity, sign in once to link this Slack account with it: '
  return [said, line(words(why), address(invitation))]
}

/** For an identity that stands for nobody yet, or only for itself. */
async function invitationOf(host: ApproverHost, actor: Principal): Promise<string | null> {
  const { issuer, subject, name } = actor
  try {
    const person = await host.identify({ issuer, subject })
    const isLinked = person !== null && (person.issuer !== issuer || person.subject !== subject)
    return isLinked ? null : host.invite({ issuer, subject }, name)
  } catch {
    return null
  }
}

/** A line of our own words. */
export const sentence = (text: string): readonly Row[] => [line(words(text))]

/**
 * Tells one person something that nobody else sees: in the channel, else in a direct message. Rejects when neither can be.
 */
export async function tell(web: SlackWeb, { channel, user }: Reader, rows: readonly Row[]): Promise<void> {
  const blocks = toBlocks(rows)
  const text = escaped(shortened(textOf(rows), 200))
  const inert = { parse: 'none', link_names: false } as const
  try {
    await web.call((client) => client.chat.postEphemeral({ channel, user, text, blocks, ...inert }))
  } catch {
    const opened = await web.call((client) => client.conversations.open({ users: user }))
    const direct = opened.channel?.id ?? ''
    await web.call((client) =>
      client.chat.postMessage({
        channel: direct,
        text,
        blocks,
        ...inert,
        unfurl_links: false,
        unfurl_media: false,
      }),
    )
  }
}

function textOf(rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined || first.type === 'code') return 'Gatewright'
  return first.elements.map((element) => ('text' in element ? (element.text ?? '') : '')).join('')
}
