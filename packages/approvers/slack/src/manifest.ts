import { checkOptions, OptionError } from '@gatewright/core'

/** Options of {@link slackManifest}. */
export interface SlackManifestOptions {
  /** The app's name in Slack, at most 35 characters. @default 'Gatewright' */
  readonly name?: string
  /** Where Slack sends what people press: `https://…/approvers/slack/interactivity`. Needed unless `socketMode`. */
  readonly url?: string
  /** The approver fetches what people press by itself. @default false */
  readonly socketMode?: boolean
  /** `slackApprover` reads user groups (its `groups` option names `S…` ids). @default false */
  readonly userGroups?: boolean
}

/** An app manifest, version 1 of Slack's schema: print it as JSON, or as YAML. */
export interface SlackManifest {
  readonly _metadata: { readonly major_version: 1 }
  readonly display_information: { readonly name: string; readonly description: string }
  readonly features: { readonly bot_user: { readonly display_name: string; readonly always_online: true } }
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } }
  readonly settings: {
    readonly interactivity: { readonly is_enabled: true; readonly request_url?: string }
    readonly org_deploy_enabled: false
    readonly socket_mode_enabled: boolean
    readonly token_rotation_enabled: false
  }
}

/**
 * The manifest of an app for {@link slackApprover}, with exactly the permissions it uses. Create the app from it at
 * https://api.slack.com/apps.
 *
 * @throws OptionError for an unknown option, a wrong name or URL, and when neither `url` nor `socketMode` is given
 */
export function slackManifest(options: SlackManifestOptions): SlackManifest {
  checkOptions(options, ['name', 'url', 'socketMode', 'userGroups'], 'slackManifest')
  const { name = 'Gatewright', url, socketMode = false, userGroups = false } = options
  if (typeof name !== 'string' || name.trim() === '' || name.length > 35)
    throw new OptionError('slackManifest.name', 'must have 1 to 35 characters')
  if (socketMode && url !== undefined)
    throw new OptionError('slackManifest.url', 'is not used with socketMode')
  if (!socketMode && (typeof url !== 'string' || !/^https:\/\/\S+\/interactivity$/.test(url)))
    throw new OptionError(
      'slackManifest.url',
      'must be an https address that ends with /interactivity, unless socketMode is true',
    )
  return {
    _metadata: { major_version: 1 },
    display_information: { name, description: 'Asks people before an AI agent acts' },
    features: { bot_user: { display_name: name, always_online: true } },
    oauth_config: {
      scopes: {
        bot: [
          'channels:history',
          'chat:write',
          'groups:history',
          'im:history',
          'im:write',
          ...(userGroups ? ['usergroups:read'] : []),
          'users:read',
        ],
      },
    },
    settings: {
      interactivity: { is_enabled: true, ...(url === undefined ? {} : { request_url: url }) },
      org_deploy_enabled: false,
      socket_mode_enabled: socketMode,
      token_rotation_enabled: false,
    },
  }
}
