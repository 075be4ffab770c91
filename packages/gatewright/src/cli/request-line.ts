import { type ApprovalRequest, formatDuration, makeVisible } from '@gatewright/core'
import type { CommandIo } from './io'
import { shortId } from './request-ids'

const STATUS_WIDTH = 13
const ACTION_WIDTH = 22
const WHO_WIDTH = 14

const COLOURS: Readonly<Partial<Record<ApprovalRequest['status'], string>>> = {
  pending: '36',
  approved: '32',
  executing: '32',
  succeeded: '32',
  failed: '31',
  unknown: '31',
  rejected: '33',
}

/** One request as one line: when, which, how it stands, what, by whom, and what is to be known of it now. */
export function requestLine(
  request: ApprovalRequest,
  now: number,
  { colour = false }: Pick<CommandIo, 'colour'>,
): string {
  const { action, createdAt, id, requester, status } = request
  const paint = (code: string | undefined, text: string) =>
    colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text
  const when = `${new Date(createdAt).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return [
    paint('2', when),
    paint('2', shortId(plain(id))),
    paint(COLOURS[status], status.padEnd(STATUS_WIDTH)),
    plain(action).padEnd(ACTION_WIDTH),
    plain(requester.name).padEnd(WHO_WIDTH),
    plain(detailOf(request, now)),
  ]
    .join('  ')
    .trimEnd()
}

function detailOf(request: ApprovalRequest, now: number): string {
  const { expiresAt, outcome, resolution, status, useBefore, votes } = request
  const yes = votes.filter(({ decision }) => decision === 'approve').map(({ actor }) => actor.name)
  const so = yes.length === 0 ? '' : `${yes.join(', ')} approved · `
  if (status === 'pending') return `${so}${left(expiresAt, now)}`
  if (status === 'approved') return `${so}to be used: ${left(useBefore ?? expiresAt, now)}`
  return [so.replace(/ · $/, ''), outcome?.summary ?? resolution?.reason ?? '']
    .filter((part) => part !== '')
    .join(' · ')
}

function left(until: number, now: number): string {
  return until <= now ? 'its time is over' : `${formatDuration(until - now)} left`
}

function plain(text: string): string {
  return makeVisible(text).text.replaceAll('\n', '⏎').replaceAll('\t', ' ')
}
