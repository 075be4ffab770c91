import type { RequestStatus } from '@gatewright/core'
import type { TextRun } from './elements'

type Color = NonNullable<TextRun['color']>

const COLORS: Readonly<Record<RequestStatus, Color>> = {
  pending: 'Accent',
  approved: 'Good',
  rejected: 'Attention',
  expired: 'Warning',
  cancelled: 'Warning',
  undeliverable: 'Warning',
  lapsed: 'Warning',
  invalidated: 'Warning',
  executing: 'Good',
  succeeded: 'Good',
  failed: 'Attention',
  blocked: 'Attention',
  unknown: 'Warning',
}

/** The colour that goes with how a request stands: beside words, never instead of them. */
export function statusColor(status: RequestStatus): Color {
  return COLORS[status]
}
