import type { ApprovalRequest } from '../contracts/request'
import type { ApprovalStore, RequestFilter } from '../contracts/store'
import { storeCall } from './store-call'

/**
 * The requests that a filter matches, newest first, a page at a time; the next page is asked for once one is dealt with.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE`
 */
export async function* pagesOf(
  store: ApprovalStore,
  filter: RequestFilter,
  limit: number,
): AsyncGenerator<readonly ApprovalRequest[]> {
  let cursor: string | null = null
  do {
    const page = await storeCall(() => store.list(filter, { cursor, limit }))
    yield page.requests
    cursor = page.cursor
  } while (cursor !== null)
}
