import { checkOptions, OptionError } from '@gatewright/core'
import { zipSync } from 'fflate'
import { isGuid } from '../bot/options'
import { colorIcon, outlineIcon } from './icons'

/** Options of {@link teamsManifest}. */
export interface TeamsManifestOptions {
  /** The bot's app id, as in `teamsApprover`. */
  readonly appId: string
  /** The app's own id in Teams. @default the bot's */
  readonly id?: string
  /** Raise it whenever the app is uploaded again. @default '1.0.0' */
  readonly version?: string
  /** The app's name in Teams, at most 30 characters. @default 'Gatewright' */
  readonly name?: string
  /** Who answers for the app: shown to whoever installs it. */
  readonly developer: {
    /** At most 32 characters. */
    readonly name: string
    readonly websiteUrl: string
    readonly privacyUrl: string
    readonly termsOfUseUrl: string
  }
  /** Icons of your own, as PNG. @default a gate with a tick */
  readonly icons?: {
    /** 192 × 192 pixels. */
    readonly color: Uint8Array
    /** 32 × 32 pixels, white on transparent. */
    readonly outline: Uint8Array
  }
}

/** A manifest by version 1.19 of the schema for Teams apps. */
export interface TeamsManifest {
  readonly $schema: string
  readonly manifestVersion: '1.19'
  readonly id: string
  readonly version: string
  readonly developer: TeamsManifestOptions['developer']
  readonly name: { readonly short: string; readonly full: string }
  readonly description: { readonly short: string; readonly full: string }
  readonly icons: { readonly color: string; readonly outline: string }
  readonly accentColor: string
  readonly bots: readonly {
    readonly botId: string
    readonly scopes: readonly ('personal' | 'team' | 'groupChat')[]
    readonly supportsFiles: false
    readonly isNotificationOnly: false
  }[]
}

/** An app, ready to be uploaded. */
export interface TeamsAppPackage {
  readonly manifest: TeamsManifest
  /** The zip with the manifest and both icons. The same for the same options, byte by byte. */
  readonly zip: Uint8Array
}

const SCHEMA = 'https://developer.microsoft.com/json-schemas/teams/v1.19/MicrosoftTeams.schema.json'
/** The first day that a zip can name. */
const EPOCH = new Date(1980, 0, 1)

/**
 * The app package for {@link teamsApprover}: a bot that can be added to teams, group chats and for oneself, and that asks for
 * no permission besides. Upload it in the Teams admin center, or under "Apps", "Manage your apps".
 *
 * @throws OptionError for an unknown option or a wrong value
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { teamsManifest } from '@gatewright/teams'
 *
 * const { zip } = teamsManifest({
 *   appId: process.env['TEAMS_APP_ID'] ?? '',
 *   developer: {
 *     name: 'Example',
 *     websiteUrl: 'https://example.com',
 *     privacyUrl: 'https://example.com/privacy',
 *     termsOfUseUrl: 'https://example.com/terms',
 *   },
 * })
 * writeFileSync('gatewright.zip', zip)
 * ```
 */
export function teamsManifest(options: TeamsManifestOptions): TeamsAppPackage {
  checkOptions(options, ['appId', 'id', 'version', 'name', 'developer', 'icons'], 'teamsManifest')
  const { version = '1.0.0', name = 'Gatewright', icons } = options
  const appId = guid(options.appId, 'appId')
  if (typeof name !== 'string' || name.trim() === '' || name.length > 30)
    throw wrong('name', 'must have 1 to 30 characters')
  if (typeof version !== 'string' || !/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(version))
    throw wrong('version', 'must be three numbers, as 1.0.0')
  const manifest: TeamsManifest = {
    $schema: SCHEMA,
    manifestVersion: '1.19',
    id: guid(options.id ?? appId, 'id'),
    version,
    developer: developerOf(options.developer),
    name: { short: name, full: `${name}: approvals for AI agents` },
    description: {
      short: 'Asks people before an AI agent acts',
      full: 'Shows what an AI agent is about to do, in full, and asks the people who may decide. Their decision counts once it is stored, and the message then shows it.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#2E4A8A',
    bots: [
      {
        botId: appId,
        scopes: ['personal', 'team', 'groupChat'],
        supportsFiles: false,
        isNotificationOnly: false,
      },
    ],
  }
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)
  const color = icons === undefined ? colorIcon() : icon(icons.color, 192, 'icons.color')
  const outline = icons === undefined ? outlineIcon() : icon(icons.outline, 32, 'icons.outline')
  return {
    manifest,
    zip: zipSync({ 'manifest.json': json, 'color.png': color, 'outline.png': outline }, { mtime: EPOCH }),
  }
}

function developerOf(developer: TeamsManifestOptions['developer']): TeamsManifestOptions['developer'] {
  const urls = ['websiteUrl', 'privacyUrl', 'termsOfUseUrl'] as const
  checkOptions(developer, ['name', ...urls], 'teamsManifest.developer')
  const { name } = developer
  if (typeof name !== 'string' || name.trim() === '' || name.length > 32)
    throw wrong('developer.name', 'must have 1 to 32 characters')
  for (const url of urls) {
    const text: unknown = developer[url]
    if (
      typeof text !== 'string' ||
      !/^https:\/\/\S+$/.test(text) ||
      !URL.canParse(text) ||
      text.length > 2_048
    )
      throw wrong(`developer.${url}`, 'must be an address that begins with https://')
  }
  const { websiteUrl, privacyUrl, termsOfUseUrl } = developer
  return { name, websiteUrl, privacyUrl, termsOfUseUrl }
}

function icon(bytes: unknown, size: number, option: string): Uint8Array {
  const view =
    bytes instanceof Uint8Array ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : null
  const isPng = view !== null && view.length > 24 && view.toString('latin1', 1, 4) === 'PNG'
  if (!isPng || view.readUInt32BE(16) !== size || view.readUInt32BE(20) !== size)
    throw wrong(option, `must be the bytes of a PNG of ${size} × ${size} pixels`)
  return view
}

function guid(id: unknown, option: string): string {
  if (typeof id === 'string' && isGuid(id.toLowerCase())) return id.toLowerCase()
  throw wrong(option, 'must be an id of Entra, as 00000000-0000-0000-0000-000000000000')
}

function wrong(option: string, problem: string): OptionError {
  return new OptionError(`teamsManifest.${option}`, problem)
}
