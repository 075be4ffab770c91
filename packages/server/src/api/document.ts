import type { Site } from '../http/environment'
import type { Api } from './api'

/** Where the description of the API stands, below `/api`. */
export const DOCUMENT_PATH = '/openapi.json'

/** The OpenAPI 3.1 description of the API, of the schemas that check it. */
export function describeApi(api: Api, { settings, at }: Site): ReturnType<Api['getOpenAPI31Document']> {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Gatewright',
      version: '1',
      description:
        'Approval by people for what programs and agents are about to do. A program asks, waits, claims and tells the outcome with its API key; people vote with their own sign-in. Unknown fields are refused; errors are problem details (RFC 9457); times are milliseconds since the Unix epoch; digests are SHA-256 over RFC 8785 JSON.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: `${settings.url.origin}${at('/api')}` }],
    tags: [
      { name: 'Requests', description: 'Calls that wait, or waited, for approval.' },
      { name: 'Votes', description: 'What people decide.' },
      { name: 'Programs', description: 'Gating for programs in any language.' },
      { name: 'Events', description: 'Requests as they move.' },
    ],
  })
}

/** How callers authenticate. */
export function describeSecurity({ openAPIRegistry }: Api): void {
  openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'gw_…',
    description: 'A program’s key. It never votes.',
  })
  openAPIRegistry.registerComponent('securitySchemes', 'idToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A person’s own ID token, of an identity provider of this server, for its client.',
  })
  openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-gatewright',
    description:
      'A browser’s session after signing in. What changes something also carries `X-CSRF-Token`, from a page of the session.',
  })
}
