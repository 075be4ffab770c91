import {
  type ApprovalStore,
  type AuditEvent,
  type Clock,
  type Duration,
  parseDuration,
} from '@gatewright/core'
import { aroundStore } from './around-store'
import { type RecordingAudit, recordingAuditWith } from './recording-audit'

/**
 * A recording sink that takes its time before it keeps and acknowledges anything.
 *
 * @param by - how long each append takes, by `clock`
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function slowAudit(clock: Clock, by: Duration): RecordingAudit {
  const ms = parseDuration(by, 'slowAudit.by')
  return recordingAuditWith(() => passed(clock, ms))
}

/**
 * A store each call of which takes its time before it has its effect. `now` and `changes` answer at once.
 *
 * @param by - how long each call takes, by `clock`
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function slowStore(store: ApprovalStore, clock: Clock, by: Duration): ApprovalStore {
  const ms = parseDuration(by, 'slowStore.by')
  return aroundStore(store, async (_method, _args, call) => {
    await passed(clock, ms)
    return call()
  })
}

/**
 * A recording sink that never answers: not kept, not rejected.
 *
 * @param hangWhen - which appends hang. @default all
 */
export function hangingAudit(
  hangWhen: (events: readonly AuditEvent[]) => boolean = () => true,
): RecordingAudit {
  return recordingAuditWith((events) => (hangWhen(events) ? new Promise(() => {}) : Promise.resolve()))
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve)
  })
}
