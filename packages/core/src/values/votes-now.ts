import type { ApprovalRequest, Vote } from '../contracts/request'

/**
 * The votes on what stands. An edit begins anew, with the vote of whoever edited: what it leads back to may be shown with
 * other facts and pins than those who approved the same arguments saw (I2, T10).
 */
export function votesNow({ votes }: Pick<ApprovalRequest, 'votes'>): readonly Vote[] {
  return votes.slice(votes.reduce((from, { changes }, index) => (changes ? index : from), 0))
}
