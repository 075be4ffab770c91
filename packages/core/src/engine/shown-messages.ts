import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { GatewrightError } from '../errors'
import { withDeadline } from '../values/deadline'
import { recordFailure } from './commit'
import type { Engine } from './engine'
import type { Folding } from './folding'
import { createKeptMessages } from './kept-messages'
import { createLateAnswers, type LateAnswers } from './late-answers'
import { TERMINAL } from './lifecycle'
import { nextLook } from './next-look'
import { reviewFor } from './present'
import { createStaleMessages, type RetryRound } from './stale-messages'
import { putRow, readRequest, rowsOf, storeCall } from './store-call'

/** Messages that people have before them, and which this process keeps true: its own, and those of processes that are gone. */
export interface ShownMessages {
  /** This process sent one. */
  sent(row: DeliveryRow): void
  readonly mayArrive: LateAnswers['mayArrive']
  /** Another process may be sending it as well: before this one does, it notes that. Rejects when it cannot. */
  keep(request: ApprovalRequest, row: DeliveryRow): Promise<void>
  /** Those this process knows of a request, by the rows it saw. */
  of(requestId: string): readonly DeliveryRow[]
  /** What others showed of this request, this process keeps true from now on. Nothing is read until the request moves. */
  inherit(request: ApprovalRequest): void
  /** The process of this request lives, and does so itself. */
  leave(request: ApprovalRequest): void
  /** This process moved the request. */
  changed(request: ApprovalRequest): void
  /** Another process may have moved them. */
  hint(ids: readonly string[]): void
  /**
   * Makes one message show the request as it is, and answers whether it does, or is known to be no more. One that people
   * have for certain is tried again when it could not be changed.
   */
  show(request: ApprovalRequest, row: DeliveryRow): Promise<boolean>
  /** Reads again some of the requests that messages here show, since the feed may lose hints; sweep by sweep, all of them. */
  readSome(): Promise<void>
  /** Makes messages true that could not be made so before, and whose time to be tried again has come. Never rejects. */
  retryStale(): Promise<void>
}

/** What {@link createShownMessages} needs of those who send. */
export interface ShownMessagesOptions {
  readonly folding: Folding
  background(work: Promise<void>): void
  /** A message of a pending request is no more: fewer people may be reached. */
  unreached(requestId: string): Promise<void>
}

/** Keeps the messages of one gate. */
export function createShownMessages(
  engine: () => Engine,
  { background, folding, unreached }: ShownMessagesOptions,
): ShownMessages {
  /** Until their request has ended, and they say so. */
  const known = new Map<string, readonly DeliveryRow[]>()
  /** Requests whose messages others sent, which this process has not read yet, and their version when it heard of them. */
  const inherited = new Map<string, number>()
  const refreshing = new Map<string, 'once' | 'again'>()
  const kept = createKeptMessages(engine, { background })
  const stale = createStaleMessages(engine, { retry, forget })
  const { mayArrive } = createLateAnswers(engine, { background, remember, refresh, forget, forgetShown })
  let turn = everyId()

  const of = (requestId: string): readonly DeliveryRow[] => known.get(requestId) ?? []

  function remember(row: DeliveryRow): void {
    known.set(row.requestId, [...others(row), row])
  }

  const others = (row: DeliveryRow): readonly DeliveryRow[] =>
    of(row.requestId).filter(({ id }) => id !== row.id)

  function forget(id: string): void {
    leaveAlone(id)
    inherited.delete(id)
  }

  function leaveAlone(id: string): void {
    known.delete(id)
    kept.done(id)
  }

  /** One refresh a request at a time, and one more if it moved meanwhile: updates arrive in order, the last state last. */
  function refresh(id: string): void {
    if (isKept(id)) look(id)
  }

  const isKept = (id: string): boolean => known.has(id) || inherited.has(id)

  function look(id: string): void {
    if (refreshing.has(id)) refreshing.set(id, 'again')
    else background(refreshAlone(id, null))
  }

  /** Shows all of its messages anew; in a round, those that are not true. Never rejects: what fails is tried again. */
  async function refreshAlone(id: string, round: RetryRound | null): Promise<void> {
    let only = round
    try {
      for (;;) {
        refreshing.set(id, 'once')
        const areTrue = await refreshOnce(id, only)
        only = null
        if (refreshing.get(id) === 'again') continue
        if (areTrue) stale.settled(id)
        else stale.failed(id)
        return
      }
    } catch (error) {
      engine().logger.warn(`what the messages of request ${id} must show is not known; it is tried again`, {
        error,
      })
      round?.told(THE_STORE, false)
      for (const row of of(id)) remember(unsure(row))
      stale.failed(id)
    } finally {
      refreshing.delete(id)
    }
  }

  /** Answers whether all of its messages are true. */
  async function refreshOnce(id: string, round: RetryRound | null): Promise<boolean> {
    const left = isKept(id) ? null : await leftToOthers(id)
    if (left !== null) return left
    if (inherited.has(id)) await readInherited(id)
    const request = await readRequest(engine().store, id)
    round?.told(THE_STORE, true)
    if (request === null) {
      leaveAlone(id)
      return true
    }
    let areTrue = true
    const rows = of(id)
    for (const row of rows) {
      if (round !== null && row.shownVersion === request.version) continue
      const isTrue = round?.isAway(row.approver) !== true && (await update(request, row))
      round?.told(row.approver, isTrue)
      areTrue &&= isTrue
    }
    if (areTrue && TERMINAL.has(request.status)) forgetShown(request)
    return areTrue
  }

  /** What was sent meanwhile, or sent once more, is still to be shown. */
  function forgetShown({ id, version }: ApprovalRequest): void {
    const left = of(id).filter(
      ({ approver, shownVersion }) => shownVersion !== version && canUpdate(approver),
    )
    if (left.length === 0) leaveAlone(id)
    else known.set(id, left)
  }

  async function readInherited(id: string): Promise<void> {
    const rows = await rowsOf(engine().store, id)
    // What this process sent it knows better.
    const own = new Set(of(id).map((row) => row.id))
    for (const row of rows) {
      if (row.status !== 'delivered' || own.has(row.id)) continue
      remember(row)
      kept.took(row)
    }
    inherited.delete(id)
  }

  /** Answers whether the message is true, or nothing can be done about it. */
  async function update(request: ApprovalRequest, row: DeliveryRow): Promise<boolean> {
    const { settings, store, clock, logger } = engine()
    const approver = settings.approvers.find(({ name }) => name === row.approver)
    if (approver?.update === undefined) return true
    let updating: Promise<void> | null = null
    try {
      const review = await reviewFor(engine(), request, approver.limits ?? null, folding.behind(request))
      // Nothing comes after the end of a request: what shows that can only be changed to the same.
      if (!TERMINAL.has(request.status)) await kept.changes(request, row)
      updating = approver.update(review, { id: row.id, reference: row.reference })
      await withDeadline(clock, settings.deliveryTimeoutMs, updating, `the approver ${row.approver}`)
      const nextAttemptAt = nextLook(engine(), request, approver)
      const updated = { ...row, shownVersion: request.version, nextAttemptAt }
      await putRow(store, updated)
      // Sent once more meanwhile, it shows what was sent.
      if (known.get(request.id)?.includes(row)) remember(updated)
      return true
    } catch (error) {
      const isLate = mayArrive(error, updating, () => ({ ...row, shownVersion: request.version }))
      if (isLate && !TERMINAL.has(request.status)) kept.late(request, row)
      if (GatewrightError.isInstance(error, 'ERR_MESSAGE_GONE') && (await giveUp(request, row))) return true
      // The message is stale; the store decides whatever it shows (T34).
      logger.warn(
        `${row.approver} could not update its message for request ${request.id}; it is tried again`,
        {
          error,
        },
      )
      if (row.status === 'delivered') remember(unsure(row))
      return false
    }
  }

  /** The channel says that there is no such message any more. Answers whether that is recorded: then it is left alone. */
  async function giveUp(request: ApprovalRequest, row: DeliveryRow): Promise<boolean> {
    const gone: DeliveryRow = { ...row, status: 'failed', nextAttemptAt: null, error: 'ERR_MESSAGE_GONE' }
    try {
      await recordFailure(engine(), request, gone)
    } catch {
      return false
    }
    engine().logger.warn(
      `the message of ${row.approver} for request ${request.id} is gone, and is updated no more`,
    )
    if (known.has(request.id)) known.set(request.id, others(row))
    if (request.status === 'pending') background(unreached(request.id))
    return true
  }

  /** Whether every message that this process could update shows the request as it is. */
  async function isShown({ id, version }: ApprovalRequest): Promise<boolean> {
    const rows = await rowsOf(engine().store, id)
    return rows.every(
      ({ status, approver, shownVersion }) =>
        status !== 'delivered' || !canUpdate(approver) || shownVersion === version,
    )
  }

  /**
   * Whether what another process showed is true, or that process lives to make it true: it may die before. `null`: it is gone,
   * and this one keeps what it showed from now on.
   */
  async function leftToOthers(id: string): Promise<boolean | null> {
    const { processId, store } = engine()
    const request = await readRequest(engine().store, id)
    if (request === null || request.processId === processId || (await isShown(request))) return true
    const live = await storeCall(() => store.leases.live([request.processId]))
    if (live.length > 0) return false
    inherited.set(id, NOT_KNOWN)
    return null
  }

  async function retry(id: string, round: RetryRound): Promise<void> {
    // What is being shown anew just now says by itself how that went.
    if (refreshing.has(id) || round.isAway(THE_STORE)) return
    const waiting = of(id).filter(({ shownVersion }) => shownVersion === NOT_KNOWN)
    const areAway = waiting.length > 0 && waiting.every(({ approver }) => round.isAway(approver))
    if (!areAway) await refreshAlone(id, round)
  }

  /** Whether a move was missed. What could not be shown is tried again at times of its own. */
  function isMissed({ id, version }: ApprovalRequest): boolean {
    if (refreshing.has(id) || stale.has(id)) return false
    const heardOf = inherited.get(id)
    if (heardOf !== undefined && heardOf !== version) return true
    return of(id).some(({ shownVersion }) => shownVersion !== version)
  }

  /** The next ones, in turn; a new turn begins with the next call once all were taken. */
  function takeSome(): readonly string[] {
    const ids: string[] = []
    while (ids.length < SOME) {
      const { done, value } = turn.next()
      if (done === true) {
        turn = everyId()
        break
      }
      ids.push(value)
    }
    return ids
  }

  function* everyId(): Generator<string> {
    yield* known.keys()
    yield* inherited.keys()
  }

  const canUpdate = (name: string): boolean =>
    engine().settings.approvers.some((one) => one.name === name && one.update !== undefined)
  const updates = (): boolean => engine().settings.approvers.some(({ update }) => update !== undefined)

  return {
    sent: remember,
    mayArrive,
    keep(request, row) {
      kept.took(row)
      return kept.changes(request, row)
    },
    of,
    inherit({ id, processId, status, version }) {
      if (processId !== engine().processId && !TERMINAL.has(status) && updates()) inherited.set(id, version)
    },
    leave: ({ id }) => void inherited.delete(id),
    changed({ id, processId }) {
      if (processId === engine().processId || !updates()) refresh(id)
      else look(id)
    },
    hint(ids) {
      for (const id of ids) refresh(id)
    },
    async show(request, row) {
      const isTrue = await update(request, row)
      if (!isTrue && row.status === 'delivered') stale.failed(request.id)
      return isTrue
    },
    async readSome() {
      const ids = takeSome()
      if (ids.length === 0) return
      const found = await storeCall(() => engine().store.getMany(ids))
      for (const request of found) if (isMissed(request)) refresh(request.id)
    },
    retryStale() {
      const trying = stale.retryDue()
      // A gate that closes waits for what is under way.
      background(trying)
      return trying
    },
  }
}

/** How many requests a sweep reads again for the sake of their messages. */
const SOME = 500
/** No name of an approver. */
const THE_STORE = ''
/** No version of a request. */
const NOT_KNOWN = 0

/** What it shows is not known: perhaps only the answer was lost. */
const unsure = (row: DeliveryRow): DeliveryRow => ({ ...row, shownVersion: NOT_KNOWN })
