import type { Gate } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { assertOwnIds } from './api/api-keys'
import { createJobs } from './api/job-tokens'
import { createApp } from './app'
import type { Site } from './http/environment'
import { createStrangers } from './http/who'
import { parseServerOptions, parseServerUrl, type ReviewServerOptions } from './options'
import { createSealedCookies } from './sign-in/sealed-cookie'
import { createSessions } from './sign-in/session'

/** A review server: mount `fetch` wherever requests come in. */
export interface ReviewServer {
  /**
   * Answers one request. Never rejects. `environment` is what a host passes beside it (`@hono/node-server` passes the
   * connection, by whose address people who are not signed in are counted; `clientAddress` says it of other hosts).
   */
  fetch(request: Request, environment?: unknown): Promise<Response>
  /** Ends event streams and long polls, so that a host can stop listening. Idempotent; the gate stays open. */
  close(): void
}

/**
 * Makes the server of a gate: the inbox, the API, sign-in, and the approvers' inbound routes.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 * @example
 * ```ts
 * const server = createReviewServer(gate, {
 *   url: 'https://approvals.example.com',
 *   signIn: okta({ issuer: 'https://example.okta.com', clientId, clientSecret }),
 *   secrets: [process.env.GATEWRIGHT_SECRET ?? ''],
 * })
 * ```
 */
export function createReviewServer(gate: Gate, options: ReviewServerOptions): ReviewServer {
  const settings = parseServerOptions(options)
  const access = reviewAccess(gate, settings.actions)
  assertOwnIds(settings.apiKeys, access.agentId)
  const cookies = createSealedCookies(settings.secrets, settings.now)
  const closing = new AbortController()
  const site: Site = {
    gate,
    closing: closing.signal,
    access,
    settings,
    cookies,
    jobs: createJobs(settings.jobTokens, { ...settings, agentId: access.agentId }),
    strangers: createStrangers(settings),
    sessions: createSessions(cookies, {
      secret: settings.secrets[0],
      secure: settings.secure,
      seconds: settings.sessionSeconds,
      providers: settings.signIns.map(({ id }) => id),
    }),
    at: (path) => `${settings.base}${path}`,
  }
  const app = createApp(site)
  return {
    close: () => closing.abort(),
    async fetch(request, environment) {
      try {
        return await app.fetch(request, environment as object)
      } catch {
        // Not even the page that says so could be made.
        return new Response('Something went wrong here, and nothing was decided.', { status: 500 })
      }
    },
  }
}

/**
 * The options of `createGate` that lead people to a review server: where a request's full view stands, and where chat
 * identities are linked.
 *
 * @param url - the same as the server's
 * @throws OptionError
 */
export function reviewLinks(url: string): {
  readonly link: (requestId: string) => string
  readonly linking: (invitation: string) => string
} {
  const base = parseServerUrl(url, 'reviewLinks.url').href.replace(/\/+$/, '')
  return {
    link: (requestId) => `${base}/requests/${encodeURIComponent(requestId)}`,
    linking: (invitation) => `${base}/link/${encodeURIComponent(invitation)}`,
  }
}
