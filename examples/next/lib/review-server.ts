import { createGate, group } from '@gatewright/core'
import { createReviewServer, devSignIn, oidc, type ReviewServer, reviewLinks } from '@gatewright/server'

// Next.js loads a module once for each route, and again whenever it changes: what there is one of is kept here.
const kept = globalThis as { reviewServer?: ReviewServer }

/** The review server of this process. The first request makes it: `next build` loads modules too, without their settings. */
export function reviewServer(): ReviewServer {
  kept.reviewServer ??= open()
  return kept.reviewServer
}

function open(): ReviewServer {
  const {
    ORIGIN = 'http://localhost:3000',
    NODE_ENV,
    ISSUER,
    CLIENT_ID,
    CLIENT_SECRET,
    API_KEY_HASH,
  } = process.env
  const secrets = [process.env['GATEWRIGHT_SECRET'] ?? '']
  const url = `${ORIGIN}/gate`
  const gate = createGate({
    agent: { id: 'ops-bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    secrets,
    ephemeral: true,
    ...reviewLinks(url),
  })
  const server = createReviewServer(gate, {
    url,
    signIn:
      NODE_ENV === 'production'
        ? oidc({ issuer: ISSUER ?? '', clientId: CLIENT_ID ?? '', clientSecret: CLIENT_SECRET ?? '' })
        : devSignIn({ groups: ['ops'] }),
    secrets,
    apiKeys:
      API_KEY_HASH === undefined ? [] : [{ id: 'bot', hash: API_KEY_HASH, scopes: ['request'], owner: null }],
  })
  // Next.js waits for answers under way to end: those of open pages go on by themselves.
  process.once('SIGTERM', () => server.close())
  return server
}
