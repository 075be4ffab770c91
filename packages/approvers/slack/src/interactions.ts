import type { ApproverHost, SealedValue } from '@gatewright/core'
import { type Reader, receiptRows, sentence, tell } from './answers'
import { openPressed, viewAudience } from './audience'
import { ACTIONS } from './blocks/message'
import type { Row } from './blocks/rows'
import { CALLBACK, loadingView, NOTE, noticeView, pageView, reasonView } from './blocks/views'
import type { Identified, Workspace } from './identity'
import { type Payload, readInput, readMetadata, readPayload, type ViewMetadata } from './payloads'
import { type SlackWeb, slackError } from './web'

/** What is answered at once, and what is done then. */
export interface Interaction {
  /** The body of the acknowledgement; `null`: an empty one. */
  readonly acknowledgement: object | null
  /** Begins when the acknowledgement is on its way. */
  work(): Promise<void>
}

/** What {@link createInteractions} needs. */
export interface InteractionsParts {
  readonly web: SlackWeb
  readonly host: ApproverHost
  readonly workspace: Workspace
  readonly lifetime: AbortSignal
  identify(userId: string): Promise<Identified>
}

type Pressed = Extract<Payload, { type: 'block_actions' }>
type Submitted = Extract<Payload, { type: 'view_submission' }>
type Decision = ViewMetadata['decision']

const NOTHING: Interaction = { acknowledgement: null, work: async () => {} }
const NO_GOOD =
  'This button is not good here, or no longer. Nothing was decided. Look at the request as it stands now.'
const NOT_STORED = 'Your vote could not be stored, so nothing was decided. Try again.'
const NOT_OPENED = 'Slack did not open the dialogue in time. Nothing was decided. Press the button again.'

/**
 * Reads what people did in Slack. Everything that may take its time is in `work`: Slack wants an answer within three seconds,
 * whatever the store does.
 *
 * @returns what to do with a payload that Slack vouched for; `null` when it is malformed
 */
export function createInteractions(parts: InteractionsParts): (value: unknown) => Interaction | null {
  const { web, host, workspace, lifetime, identify } = parts
  const { teamId, enterpriseId } = workspace
  const open = (token: string, audience: string): SealedValue | null => host.open(token, audience)

  function isOurs({ team, enterprise }: Pressed | Submitted): boolean {
    if (team?.id === teamId) return true
    return enterpriseId !== null && enterprise?.id === enterpriseId
  }

  /** I5: the user is whom Slack's own payload names, checked anew; nothing of the button or the modal names anybody. */
  async function vote(value: SealedValue, decision: Decision, reader: Reader, note: string): Promise<void> {
    const who = await identify(reader.user)
    if (who.status === 'refused') return tell(web, reader, sentence(`⛔ ${who.message}`))
    lifetime.throwIfAborted()
    const { requestId, digest } = value
    const said = note.trim() === '' ? {} : { note }
    let rows: readonly Row[]
    try {
      const receipt = await host.vote({ requestId, digest, decision, actor: who.principal, ...said })
      rows = await receiptRows(host, receipt, who.principal)
    } catch (error) {
      // T42: nothing is said to be stored that may not be.
      host.logger.warn('a vote from Slack could not be stored', { error, requestId })
      rows = sentence(`⚠️ ${NOT_STORED}`)
    }
    await tell(web, reader, rows)
  }

  function metadataFor(
    value: Pick<SealedValue, 'requestId' | 'digest' | 'expiresAt'>,
    to: Reader,
    vote: { decision: Decision; needed: boolean },
  ): string {
    const { requestId, digest, expiresAt } = value
    const token = host.seal({ requestId, digest, expiresAt, audience: viewAudience(teamId, to.user) })
    return JSON.stringify({ token, channel: to.channel, ...vote } satisfies ViewMetadata)
  }

  async function askReason(
    value: SealedValue,
    reader: Reader,
    triggerId: string,
    how: { readonly decision: Decision; readonly needed: boolean },
  ): Promise<void> {
    const metadata = metadataFor(value, reader, how)
    const shortDigest = value.digest.slice(0, 8)
    const view = reasonView(how.decision, { shortDigest, needed: how.needed, metadata })
    await web
      .call((client) => client.views.open({ trigger_id: triggerId, view }), { patient: false })
      .catch(async (error: unknown) => {
        host.logger.warn('a Slack dialogue could not be opened', { error })
        await tell(web, reader, sentence(`⚠️ ${NOT_OPENED}`))
      })
  }

  /** The trigger lives three seconds: the modal comes before anything that may take longer. */
  async function openDetails(value: SealedValue, reader: Reader, triggerId: string): Promise<void> {
    let viewId: string | undefined
    try {
      const opened = await web.call(
        (client) => client.views.open({ trigger_id: triggerId, view: loadingView() }),
        {
          patient: false,
        },
      )
      viewId = opened.view?.id
    } catch (error) {
      host.logger.warn('a Slack dialogue could not be opened', { error })
    }
    if (viewId === undefined) return tell(web, reader, sentence(`⚠️ ${NOT_OPENED}`))
    await showPage(value, reader, viewId, 0)
  }

  async function showPage(value: SealedValue, reader: Reader, viewId: string, page: number): Promise<void> {
    const view = await pageFor(value, reader, page)
    await web
      .call((client) => client.views.update({ view_id: viewId, view }))
      .catch((error: unknown) => {
        // Whoever closed it does not want to read on.
        if (slackError(error) !== 'not_found') throw error
      })
  }

  async function pageFor(value: SealedValue, reader: Reader, page: number) {
    const who = await identify(reader.user)
    if (who.status === 'refused') return noticeView(`⛔ ${who.message}`)
    const review = await host.get(value.requestId).catch((error: unknown) => {
      host.logger.warn('a request could not be read for Slack', { error, requestId: value.requestId })
      return undefined
    })
    if (review === undefined) return noticeView('⚠️ The request could not be read just now. Try again.')
    if (review === null) return noticeView('There is no such request any more.')
    // I2: whoever turns pages of a document that became another one begins anew.
    const changed = page > 0 && review.digest !== value.digest
    const { requestId, digest } = review
    const needed = review.content.noteFor.approve
    const expiresAt = Math.min(value.expiresAt, review.progress.expiresAt)
    return pageView(review, {
      page: changed ? 0 : page,
      metadata: metadataFor({ requestId, digest, expiresAt }, reader, { decision: 'approve', needed }),
      notice: changed ? 'It was changed meanwhile. This is how it stands now, from the start.' : null,
    })
  }

  function onMessage(
    payload: Pressed,
    place: { readonly channel: string; readonly ts: string },
  ): Interaction {
    const [action] = payload.actions
    const reader = { channel: place.channel, user: payload.user.id }
    if (action === undefined || action.action_id === ACTIONS.link) return NOTHING
    const value = isOurs(payload) ? openPressed(open, action.value ?? '', { teamId, ...place }) : null
    if (value === null) return work(() => tell(web, reader, sentence(`⛔ ${NO_GOOD}`)))
    const { trigger_id: trigger } = payload
    switch (action.action_id) {
      case ACTIONS.approve:
        return work(() => vote(value, 'approve', reader, ''))
      case ACTIONS.approveWithNote:
        return work(() => askReason(value, reader, trigger, { decision: 'approve', needed: true }))
      case ACTIONS.reject:
        return work(() => askReason(value, reader, trigger, { decision: 'reject', needed: false }))
      case ACTIONS.rejectWithNote:
        return work(() => askReason(value, reader, trigger, { decision: 'reject', needed: true }))
      case ACTIONS.details:
        return work(() => openDetails(value, reader, trigger))
      default:
        return NOTHING
    }
  }

  function onView(payload: Pressed, viewId: string): Interaction {
    const [action] = payload.actions
    const opened = openView(payload)
    const page = Number(action?.value)
    const turns = action?.action_id.startsWith(ACTIONS.page) === true && Number.isInteger(page) && page >= 0
    if (opened === null || !turns) return NOTHING
    return work(() => showPage(opened.value, opened.reader, viewId, page))
  }

  function onSubmission(payload: Submitted): Interaction {
    if (payload.view.callback_id !== CALLBACK) return NOTHING
    const opened = openView(payload)
    if (opened === null)
      return { ...NOTHING, acknowledgement: { response_action: 'update', view: noticeView(`⛔ ${NO_GOOD}`) } }
    const note = readInput(payload.view, NOTE)
    const { value, reader, metadata } = opened
    if (metadata.needed && note.trim() === '')
      return {
        ...NOTHING,
        acknowledgement: {
          response_action: 'errors',
          errors: { [NOTE]: 'Say why: this request needs a reason.' },
        },
      }
    return {
      acknowledgement: { response_action: 'clear' },
      work: () => vote(value, metadata.decision, reader, note),
    }
  }

  /** T20: a modal is good for the person it was opened for. */
  function openView(payload: Pressed | Submitted) {
    const metadata = readMetadata(payload.view?.private_metadata)
    const user = payload.user.id
    const value =
      metadata !== null && isOurs(payload) ? open(metadata.token, viewAudience(teamId, user)) : null
    if (metadata === null || value === null) return null
    return { metadata, value, reader: { channel: metadata.channel, user } }
  }

  return (raw) => {
    const payload = readPayload(raw)
    if (payload === null) return null
    if (payload.type === 'other') return NOTHING
    if (payload.type === 'view_submission') return onSubmission(payload)
    const { container } = payload
    if (container.type === 'view') return onView(payload, container.view_id)
    return onMessage(payload, { channel: container.channel_id, ts: container.message_ts })
  }
}

const work = (run: () => Promise<void>): Interaction => ({ acknowledgement: null, work: run })
