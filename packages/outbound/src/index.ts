export {
  type Redelivery,
  type WebhookAudit,
  type WebhookAuditOptions,
  webhookAudit,
} from './audit/webhook-audit'
export { isOutboundError, OutboundError, type OutboundErrorCode, type OutboundErrorFields } from './errors'
export {
  createOutbound,
  type Outbound,
  type OutboundMessage,
  type OutboundReceipt,
} from './http/create-outbound'
export type { OutboundOptions, RetryOptions } from './http/outbound-options'
export { generateWebhookKeys, type WebhookKeys } from './http/signing'
