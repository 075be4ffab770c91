import type { AuditEvent, AuditSink } from '@gatewright/core'
import type { ConformanceCase } from './conformance-case'

type MaybePromise<T> = T | Promise<T>

/** What a harness may be unable to give. */
export type SinkCapability = 'read' | 'reopen' | 'lose'

/** How the suite gets at a sink. */
export interface SinkHarness {
  /** A fresh, empty sink. */
  create(): MaybePromise<AuditSink>
  /** Releases what `create` made: called with the last sink of a case, which may be closed. */
  dispose?(sink: AuditSink): MaybePromise<void>
  /** Everything that was acknowledged, in the order of the log; also of a closed sink. @default such cases are skipped */
  read?(sink: AuditSink): MaybePromise<readonly AuditEvent[]>
  /** The same log, after the sink that is given was closed. @default cases about restarts are skipped */
  reopen?(closed: AuditSink): MaybePromise<AuditSink>
  /** Takes from the sink what it writes to: a disk, a connection. What is appended from now on cannot become durable. @default such cases are skipped */
  lose?(sink: AuditSink): MaybePromise<void>
}

/** What a case works with. */
export interface SinkContext {
  readonly sink: AuditSink
  /** Ids of everything that was acknowledged, in the order of the log. */
  ids(): Promise<readonly string[]>
  read(): Promise<readonly AuditEvent[]>
  /** Closes the sink and opens it again. */
  reopen(): Promise<AuditSink>
  lose(): Promise<void>
}

/** A case of the sink suite. */
export type SinkCase = ConformanceCase<SinkContext, SinkCapability>

/** Whether the harness lets a case be tried. */
export function canTrySink({ needs }: SinkCase, harness: SinkHarness): boolean {
  // What a restart kept can only be seen by reading.
  if (needs === 'reopen' && harness.read === undefined) return false
  return needs === undefined || harness[needs] !== undefined
}

/** Runs one case on a fresh sink. Rejects when the sink does not do what the case wants. */
export async function runSinkCase({ run }: SinkCase, harness: SinkHarness): Promise<void> {
  let sink = await harness.create()
  const read = async () => (await harness.read?.(sink)) ?? []
  try {
    await run({
      sink,
      read,
      ids: async () => (await read()).map(({ id }) => id),
      async reopen() {
        await sink.close()
        sink = (await harness.reopen?.(sink)) ?? sink
        return sink
      },
      lose: async () => harness.lose?.(sink),
    })
  } finally {
    await harness.dispose?.(sink)
  }
}
