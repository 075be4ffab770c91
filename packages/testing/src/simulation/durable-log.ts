import type { AuditEvent, AuditSink } from '@gatewright/core'
import type { LogLine } from './evidence'
import type { Life, Scheduler } from './scheduler'

/** The bytes of one log: they outlive the process that writes them. */
export interface LogDisk {
  readonly id: string
  bytes: Uint8Array
}

/** What a write does when its turn has come. */
export type WriteFate = 'whole' | 'nothing' | 'part'

/**
 * Opens a log on its disk: one JSON line an event, written when its turn has come and acknowledged at another turn. A write
 * may fail, may write a part and fail, may be slow; what was acknowledged is on the disk. Idempotent by event id.
 */
export function openLog(
  disk: LogDisk,
  life: Life,
  scheduler: Scheduler,
  fateOfWrite: () => WriteFate,
): AuditSink {
  const held = new Set(readLines(disk.bytes).map(({ event }) => event.id))
  let closed = false

  function write(events: readonly AuditEvent[]): void {
    const fresh = events.filter(({ id }) => !held.has(id))
    const lines = fresh.map(
      (event) => `${JSON.stringify({ step: scheduler.step, event } satisfies LogLine)}\n`,
    )
    disk.bytes = Buffer.concat([disk.bytes, Buffer.from(lines.join(''))])
    for (const { id } of fresh) held.add(id)
  }

  return {
    logId: disk.id,
    async append(events) {
      if (closed) throw new Error('the log is closed')
      await scheduler.point(life, 'sink.write')
      const fate = fateOfWrite()
      if (fate === 'nothing') throw new Error('the disk refused the write')
      write(fate === 'part' ? events.slice(0, Math.floor(events.length / 2)) : events)
      if (fate === 'part') throw new Error('the disk refused a part of the write')
      await scheduler.point(life, 'sink.acknowledge')
    },
    async close() {
      closed = true
    },
  }
}

function readLines(bytes: Uint8Array): readonly LogLine[] {
  return Buffer.from(bytes)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
}
