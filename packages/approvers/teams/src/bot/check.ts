import { type ApproverFinding, systemClock } from '@gatewright/core'
import { createClient } from '@gatewright/outbound'
import { isGone, TeamsError } from '../failure'
import { createAccessToken, isRefusedSignIn } from './access-token'
import { type Connector, createConnector } from './connector'
import type { ResolvedOptions } from './options'

/**
 * Signs in as the bot, and asks Teams whether it is in the conversations that the options name. Sends nothing, and begins no
 * chat: whether people have the app, a first message to them tells.
 *
 * @throws the signal's reason
 */
export async function checkTeams(
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<readonly ApproverFinding[]> {
  const client = createClient({ ...options.network, clock: systemClock })
  try {
    const token = createAccessToken(options, client, systemClock)
    await token.get(signal)
    const connector = createConnector(options, client, token, systemClock)
    return [
      { status: 'ok', message: `the bot ${options.appId} signs in at Entra`, fix: null },
      ...(await Promise.all(conversationsOf(options).map((one) => isIn(connector, one, signal)))),
    ]
  } catch (error) {
    signal.throwIfAborted()
    return [notSignedIn(error)]
  } finally {
    client.close()
  }
}

function notSignedIn(error: unknown): ApproverFinding {
  const fix = isRefusedSignIn(error)
    ? 'correct appId, tenantId or the credential: a client secret of Entra ends after a time'
    : 'let this machine reach login.microsoftonline.com by HTTPS, and look again'
  // Its first sentence says what Entra answered.
  const [told = ''] = error instanceof TeamsError ? error.message.split('. ') : []
  return {
    status: 'problem',
    message: told || `the bot could not sign in at Entra: ${reasonOf(error)}`,
    fix,
  }
}

async function isIn(
  connector: Connector,
  conversation: string,
  signal: AbortSignal,
): Promise<ApproverFinding> {
  try {
    await connector.members(conversation, signal)
    return { status: 'ok', message: `the bot is in the conversation ${conversation}`, fix: null }
  } catch (error) {
    signal.throwIfAborted()
    if (isGone(error) || (error instanceof TeamsError && error.status === 403))
      return {
        status: 'problem',
        message: `the bot is not in the conversation ${conversation}: ${reasonOf(error)}`,
        fix: 'install the app in that team or chat, or correct its id',
      }
    return {
      status: 'warning',
      message: `Teams did not say whether the bot is in the conversation ${conversation}: ${reasonOf(error)}`,
      fix: 'look again in a minute',
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof TeamsError)) return error instanceof Error ? error.message : 'it failed'
  return [error.status ?? 'no answer', error.reason].filter((one) => one !== '').join(', ')
}

function conversationsOf({ conversation, routes }: ResolvedOptions): readonly string[] {
  const named = [...routes.values()].map((route) => route.conversation)
  return [...new Set([conversation, ...named])].filter((id) => typeof id === 'string')
}
