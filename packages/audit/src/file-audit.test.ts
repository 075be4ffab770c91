import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeAuditSink } from '@gatewright/testing/conformance'
import { readAcknowledged } from '../test/support/read-log'
import { type FileAudit, fileAudit } from './file-audit'

const directories = new WeakMap<object, string>()

function open(directory: string): FileAudit {
  const sink = fileAudit({ directory, segmentBytes: 65_536 })
  directories.set(sink, directory)
  return sink
}

const directoryOf = (sink: object): string => directories.get(sink) ?? ''

describeAuditSink('fileAudit', {
  create: () => open(join(mkdtempSync(join(tmpdir(), 'gatewright-audit-')), 'log')),
  async dispose(sink) {
    await sink.close()
    await rm(dirname(directoryOf(sink)), { recursive: true })
  },
  read: (sink) => readAcknowledged(directoryOf(sink)),
  reopen: (closed) => open(directoryOf(closed)),
  lose: (sink) => rm(directoryOf(sink), { recursive: true }),
})
