import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { DeadlineError } from '../values/deadline'
import type { Engine } from './engine'
import { TERMINAL } from './lifecycle'
import { nextLook } from './next-look'
import { readRequest, storeCall } from './store-call'

/** What channels do after they were given up: it takes the place of what was shown meanwhile. */
export interface LateAnswers {
  /**
   * A channel did not answer in time. Should it do after all what it was `asked`, its message is made true again.
   *
   * @param error - anything but a missed deadline is the channel's own answer, and nothing comes after it
   * @param rowOf - what is known of the message then, and which version of its request it shows
   * @returns whether it may still do so
   */
  mayArrive<T>(error: unknown, asked: Promise<T> | null, rowOf: (answer: T) => DeliveryRow): boolean
}

/** What {@link createLateAnswers} needs of whoever keeps the messages. */
export interface LateAnswersOptions {
  background(work: Promise<void>): void
  remember(row: DeliveryRow): void
  refresh(requestId: string): void
  forget(requestId: string): void
  /** All that show this version, which is the last. */
  forgetShown(request: ApprovalRequest): void
}

/** Makes what hears of them. What comes after the gate was closed, or the process is gone, is nobody's to hear. */
export function createLateAnswers(
  engine: () => Engine,
  { background, forget, forgetShown, refresh, remember }: LateAnswersOptions,
): LateAnswers {
  async function arrived(row: DeliveryRow): Promise<void> {
    const { settings, state, store } = engine()
    const approver = settings.approvers.find(({ name }) => name === row.approver)
    if (state.status === 'closed' || approver?.update === undefined) return
    remember(row)
    const request = await readRequest(store, row.requestId)
    if (request === null) return forget(row.requestId)
    if (request.version !== row.shownVersion) return refresh(request.id)
    await storeCall(() =>
      store.deliveries.put({ ...row, nextAttemptAt: nextLook(engine(), request, approver) }),
    )
    if (TERMINAL.has(request.status)) forgetShown(request)
  }

  return {
    mayArrive(error, asked, rowOf) {
      const isLate = error instanceof DeadlineError
      if (isLate)
        asked?.then(
          (answer) => background(arrived(rowOf(answer))),
          () => {},
        )
      return isLate
    },
  }
}
