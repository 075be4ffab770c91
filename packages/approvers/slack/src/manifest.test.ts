import { describe, expect, it } from 'vitest'
import { slackManifest } from './manifest'

describe('the manifest', () => {
  it('asks for what is used, and for user groups only when they are', () => {
    const { oauth_config, settings } = slackManifest({
      url: 'https://gate.test/approvers/slack/interactivity',
    })
    expect(oauth_config.scopes.bot).toEqual([
      'channels:history',
      'chat:write',
      'groups:history',
      'im:history',
      'im:write',
      'users:read',
    ])
    expect(settings).toMatchObject({
      interactivity: { is_enabled: true, request_url: 'https://gate.test/approvers/slack/interactivity' },
      socket_mode_enabled: false,
    })
    expect(slackManifest({ socketMode: true, userGroups: true }).oauth_config.scopes.bot).toContain(
      'usergroups:read',
    )
  })

  it('switches interactivity on with Socket Mode too, and can be printed', () => {
    const manifest = slackManifest({ socketMode: true, name: 'Deploy gate' })
    expect(manifest.settings).toMatchObject({
      interactivity: { is_enabled: true },
      socket_mode_enabled: true,
    })
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest)
  })

  it.each([
    [{}, 'url'],
    [{ url: 'http://gate.test/approvers/slack/interactivity' }, 'url'],
    [{ url: 'https://gate.test/' }, 'url'],
    [{ url: 'https://gate.test/interactivity', socketMode: true }, 'url'],
    [{ socketMode: true, name: 'x'.repeat(36) }, 'name'],
    [{ socketMode: true, scopes: [] }, 'scopes'],
  ])('%j is refused', (options, name) => {
    expect(() => slackManifest(options)).toThrow(expect.objectContaining({ option: `slackManifest.${name}` }))
  })
})
