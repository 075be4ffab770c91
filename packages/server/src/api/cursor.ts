import type { RequestFilter } from '@gatewright/core'
import { HttpProblem } from '../http/problems'
import type { SealedCookies } from '../sign-in/sealed-cookie'

/** Cursors of listings: sealed, since a store's own may name a request that the caller must not know of (T04). */
export interface Cursors {
  seal(cursor: string, filter: RequestFilter, caller: string): Promise<string>
  /** @throws HttpProblem 422 for a cursor of another listing, of somebody else, of yesterday, or of nobody */
  open(sealed: string, filter: RequestFilter, caller: string): Promise<string>
}

const PURPOSE = 'api cursor'
const SECONDS = 86_400

/** @param sealing - with the server's secrets */
export function createCursors(sealing: SealedCookies): Cursors {
  const listing = (filter: RequestFilter, caller: string): string =>
    JSON.stringify([caller, Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1))])
  return {
    seal: (at, filter, caller) => sealing.seal(PURPOSE, { at, of: listing(filter, caller) }, SECONDS),
    async open(sealed, filter, caller) {
      const opened = await sealing.open<{ at: string; of: string }>(PURPOSE, sealed)
      if (opened?.of === listing(filter, caller)) return opened.at
      throw new HttpProblem(
        422,
        'cursor',
        'The cursor is not of this listing with these filters, or is older than a day. List from the start.',
      )
    },
  }
}
