import type { Gate } from '@gatewright/core'
import type { ReviewAccess } from '@gatewright/core/review'
import type { Context } from 'hono'
import type { Caller } from '../api/caller'
import type { Jobs } from '../api/job-tokens'
import type { ServerSettings } from '../options'
import type { SealedCookies } from '../sign-in/sealed-cookie'
import type { Session, Sessions } from '../sign-in/session'
import type { Strangers } from './who'

/** What every route works on. */
export interface Site {
  readonly gate: Gate
  readonly access: ReviewAccess
  readonly settings: ServerSettings
  readonly sessions: Sessions
  /** Verifies the tokens of jobs. */
  readonly jobs: Jobs
  /** Aborts when the server closes: event streams and long polls end. */
  readonly closing: AbortSignal
  /** Seals what goes through browsers and must come back as it was. */
  readonly cookies: SealedCookies
  /** Names those who prove nothing, for counting. */
  readonly strangers: Strangers
  /** The path of this server under which a page of it stands: `at('/requests')`. */
  at(path: string): string
}

/** What one request carries from middleware to its route. */
export interface Environment {
  Variables: {
    /** Names the request in logs and in answers. */
    requestId: string
    session: Session | null
    /** Who calls the API; `null` elsewhere. */
    caller: Caller | null
    /** Stands in the pages' CSRF fields; `''` for nobody. */
    csrf: string
  }
}

/** The context of one request. */
export type Ctx = Context<Environment>
