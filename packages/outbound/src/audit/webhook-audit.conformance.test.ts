import { rm } from 'node:fs/promises'
import type { AuditEvent, AuditSink } from '@gatewright/core'
import { describeAuditSink } from '@gatewright/testing/conformance'
import { type AuditReceiver, auditReceiver } from '../../test/audit-receiver'
import { webhookAudit } from './webhook-audit'

for (const mode of ['strict', 'best-effort'] as const) {
  let to: AuditReceiver
  const open = (): AuditSink => webhookAudit({ ...to.options, mode })
  describeAuditSink(`a webhook (${mode})`, {
    async create() {
      to = await auditReceiver()
      return open()
    },
    dispose: (sink) => sink.close(),
    read: () => [...to.events.values()].map((event) => structuredClone(event) as AuditEvent),
    reopen: open,
    async lose() {
      await to.close()
      // In best effort, what is in the dead-letter file is acknowledged: that has to go too.
      if (mode === 'best-effort') await rm(to.options.deadLetters)
    },
  })
}
