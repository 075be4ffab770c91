import type { RequestStatus } from '../contracts/request'

/** Every word for where a request stands (DESIGN section 3), in the order of its life: for schemas, filters and options. */
export const REQUEST_STATUSES = [
  'pending',
  'approved',
  'rejected',
  'expired',
  'cancelled',
  'undeliverable',
  'lapsed',
  'invalidated',
  'executing',
  'succeeded',
  'failed',
  'blocked',
  'unknown',
] as const satisfies readonly RequestStatus[]
