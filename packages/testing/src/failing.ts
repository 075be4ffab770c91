import type { ApprovalStore, AuditEvent } from '@gatewright/core'
import { aroundStore } from './around-store'
import { checkKnown } from './known-options'
import { type RecordingAudit, recordingAuditWith } from './recording-audit'

/** How a failing sink fails. */
export interface FailingAuditOptions {
  /** Asked at every append; `true` rejects it, and nothing of it is kept. May change its answer: a sink that recovers. */
  readonly failWhen: (events: readonly AuditEvent[]) => boolean
}

/**
 * A recording sink that rejects when it is told to: a full disk, a broken line.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function failingAudit(options: FailingAuditOptions): RecordingAudit {
  checkKnown(options, ['failWhen'], 'failingAudit')
  return recordingAuditWith(async (events) => {
    if (options.failWhen(events)) throw new Error('the audit sink failed on purpose; nothing was kept')
  })
}

/** How a failing store fails. */
export interface FailingStoreOptions {
  /** Asked at every call, with the method (`transition`, `outbox.record`, …) and its arguments; `true` rejects it. */
  readonly fail: (method: string, args: readonly unknown[]) => boolean
  /** `after`: the call has its effect, and its answer is lost on the way back. @default 'before' */
  readonly when?: 'before' | 'after'
}

/**
 * A store whose calls reject when they are told to. `now` and `changes` answer at once and never fail.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function failingStore(store: ApprovalStore, options: FailingStoreOptions): ApprovalStore {
  checkKnown(options, ['fail', 'when'], 'failingStore')
  return aroundStore(store, async (method, args, call) => {
    if (!options.fail(method, args)) return call()
    if (options.when === 'after') await call()
    throw new Error(`the store failed on purpose ${options.when ?? 'before'} ${method}`)
  })
}
