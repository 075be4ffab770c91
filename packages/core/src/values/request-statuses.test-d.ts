import type { RequestStatus } from '../contracts/request'
import type { Equal, Expect } from '../policy/test/expect-types'
import type { REQUEST_STATUSES } from './request-statuses'

/** None is left out. */
export const complete: Expect<Equal<(typeof REQUEST_STATUSES)[number], RequestStatus>> = true
