import { checkOptions, OptionError } from '@gatewright/core'
import type { ClientOptions } from '@gatewright/outbound'
import { isName, NAME_FORM } from '../names'

/** Options of {@link teamsWebhookApprover}. */
export interface TeamsWebhookApproverOptions {
  /** Stands in the log. @default 'teams' */
  readonly name?: string
  /** The address of the workflow ("When a Teams webhook request is received"). Its `sig=` is a secret: whoever has it can post. */
  readonly url: string
  /** Whether a short card says what became of a request, since the first one cannot be changed. @default true */
  readonly outcomes?: boolean
  /** How the address is reached: what may be reached although it is not on the internet, certificates, the deadline. */
  readonly network?: Pick<ClientOptions, 'allow' | 'allowHttp' | 'ca' | 'timeout'>
}

/** Options as the approver uses them. */
export type ResolvedWebhookOptions = Required<TeamsWebhookApproverOptions>

const LEAST_SIGNATURE = 20

/**
 * Checks the options. No message quotes the address.
 *
 * @throws OptionError for a wrong value or an unknown option, and for an address without its signature (T18)
 */
export function resolveWebhookOptions(options: TeamsWebhookApproverOptions): ResolvedWebhookOptions {
  checkOptions(options, ['name', 'url', 'outcomes', 'network'], 'teamsWebhookApprover')
  const { name = 'teams', url, outcomes = true, network = {} } = options
  if (!isName(name)) throw wrong('name', NAME_FORM)
  if (typeof url !== 'string' || !URL.canParse(url)) throw wrong('url', 'must be the address of a workflow')
  const signature = new URL(url).searchParams.get('sig') ?? ''
  if (signature.length < LEAST_SIGNATURE)
    throw wrong('url', 'has no signature (sig=), or a short one. Copy the whole address from the workflow')
  if (typeof outcomes !== 'boolean') throw wrong('outcomes', 'must be true or false')
  checkOptions(network, ['allow', 'allowHttp', 'ca', 'timeout'], 'teamsWebhookApprover.network')
  return { name, url, outcomes, network }
}

function wrong(option: string, problem: string): OptionError {
  return new OptionError(`teamsWebhookApprover.${option}`, problem)
}
