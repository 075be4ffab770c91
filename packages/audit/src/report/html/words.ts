import type { Decision } from '../../decisions'

type Tone = 'good' | 'plain' | 'medium' | 'high'

/** How a decision went, in a word or two, and how it looks. */
export function decisionWords({ basis, resolution }: Decision): readonly [string, Tone] {
  switch (resolution.status) {
    case 'approved':
      if (basis === 'policy') return ['allowed by rule', 'plain']
      if (basis === 'grant') return ['by grant', 'plain']
      if (basis === 'observe') return ['not asked', 'high']
      return ['approved', 'good']
    case 'rejected':
    case 'denied':
    case 'refused':
    case 'cancelled':
    case 'pending':
      return [resolution.status, 'plain']
    default:
      return [resolution.status, 'medium']
  }
}

/** What came of it, in a word or two, and how it looks. */
export function outcomeWords({ execution, resolution }: Decision): readonly [string, Tone] {
  if (execution === null)
    return resolution.status === 'pending' || resolution.status === 'approved'
      ? ['not yet', 'plain']
      : ['did not run', 'plain']
  switch (execution.outcome) {
    case 'succeeded':
      return ['succeeded', 'good']
    case 'failed':
      return ['failed', 'plain']
    case 'blocked':
      return ['blocked', 'medium']
    case 'unknown':
      return [execution.late === null ? 'unknown' : `unknown, then ${execution.late.status}`, 'high']
    case null:
      return ['not recorded', 'high']
  }
}
