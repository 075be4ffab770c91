export {
  type Redelivery,
  type WebhookAudit,
  type WebhookAuditOptions,
  webhookAudit,
} from './audit/webhook-audit'
export { isOutboundError, OutboundError, type OutboundErrorCode, type OutboundErrorFields } from './errors'
export {
  type ClientAnswer,
  type ClientOptions,
  type ClientRequest,
  createClient,
  type OutboundClient,
} from './http/create-client'
export {
  createOutbound,
  type Outbound,
  type OutboundMessage,
  type OutboundReceipt,
} from './http/create-outbound'
export { createReader, type OutboundReader } from './http/create-reader'
export {
  createKeepingOutbound,
  KEEPING_OUTBOUND_OPTIONS,
  type KeepingOutbound,
  type KeepingOutboundOptions,
} from './http/keeping-outbound'
export type { ConnectionOptions, OutboundOptions, RetryOptions } from './http/outbound-options'
export { generateWebhookKeys, type WebhookKeys } from './http/signing'
export { type VerifiedWebhook, type WebhookVerifier, webhookVerifier } from './http/webhook-verifier'
