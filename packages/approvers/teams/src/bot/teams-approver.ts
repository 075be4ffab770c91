import { type Approver, type ApproverHost, GatewrightError } from '@gatewright/core'
import { createClient } from '@gatewright/outbound'
import { CARD_LIMITS } from '../card/document-card'
import { handleInbound, type InboundParts } from '../inbound/handle'
import { createSigningKeys } from '../inbound/signing-keys'
import { createAccessToken, isRefusedSignIn } from './access-token'
import { checkTeams } from './check'
import { createConnector } from './connector'
import { createDeliveries } from './deliveries'
import { resolveOptions, type TeamsApproverOptions } from './options'

/** A started approver. */
interface Running extends InboundParts {
  close(): void
}

/**
 * Shows requests in Microsoft Teams by a bot, and takes votes from its buttons.
 *
 * - A message is an Adaptive Card that holds the whole document, or says what it does not hold; then it cannot be approved
 *   in place. In channels and group chats nobody's buttons stand on it: each reader's client fetches a card of their own,
 *   and whoever answers for the agent gets one without buttons.
 * - Every inbound request is verified: the Bot Connector's token by its published keys, the service, the tenant. The voter is
 *   the object id in that tenant, `teams:<tenantId>`, with assurance `chat`.
 * - It needs the gate's secret for its buttons, and the server's `/approvers/<name>/messages` as the bot's messaging endpoint.
 *
 * `start` rejects when Entra refuses the credential.
 *
 * @throws OptionError for a wrong option, and when a credential is missing or short (T18)
 * @example
 * ```ts
 * import { teamsApprover } from '@gatewright/teams'
 *
 * const teams = teamsApprover({
 *   appId: process.env['TEAMS_APP_ID'] ?? '',
 *   tenantId: process.env['TEAMS_TENANT_ID'] ?? '',
 *   password: process.env['TEAMS_APP_PASSWORD'] ?? '',
 *   conversation: '19:0123456789abcdef@thread.tacv2',
 * })
 * ```
 */
export function teamsApprover(options: TeamsApproverOptions): Approver {
  const resolved = resolveOptions(options)
  // Wrong options of the network are told now, and not when the gate starts.
  createClient(resolved.network).close()
  let running: Running | null = null

  function started(): Running {
    if (running !== null) return running
    throw new GatewrightError('ERR_TEAMS_FAILED', 'the approver for Teams is not started. Nothing was sent.')
  }

  return {
    name: resolved.name,
    limits: CARD_LIMITS,
    needsSecret: true,
    async start(host) {
      const next = run(host)
      try {
        await next.token.get()
      } catch (error) {
        if (isRefusedSignIn(error)) {
          next.close()
          throw error
        }
        host.logger.warn(
          'the bot of Teams could not sign in yet; it tries again when there is something to send',
          { error },
        )
      }
      running = next
    },
    deliver: async (...delivery) => started().deliveries.deliver(...delivery),
    update: async (...update) => started().deliveries.update(...update),
    async handle(request) {
      if (running === null) return Response.json({ error: 'the approver is not started' }, { status: 503 })
      return handleInbound(request, running)
    },
    check: (signal) => checkTeams(resolved, signal),
    async stop() {
      running?.close()
      running = null
    },
  }

  function run(host: ApproverHost) {
    const { clock } = host
    const client = createClient({ ...resolved.network, clock })
    const token = createAccessToken(resolved, client, clock)
    const connector = createConnector(resolved, client, token, clock)
    return {
      options: resolved,
      host,
      token,
      connector,
      deliveries: createDeliveries(resolved, connector, host),
      keys: createSigningKeys(resolved.openIdMetadataUrl, client, clock),
      close: () => client.close(),
    }
  }
}
