import { createHash } from 'node:crypto'
import { canonicalize, defineAction, type Json } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { describe, expect, test } from 'vitest'
import { ada, ben, mentions, scene } from '../../packages/core/test/scene'

describe('the log keeps no secret', () => {
  test('T43: a secret in the bounds of a standing grant is not in the log, and an auditor can compare it still', async () => {
    const secrets = [
      'xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx',
      'hunter2',
      'plan-b',
      'swordfish',
    ]
    const s = scene()
    s.gate.requireApproval(s.effect, {
      action: 'mail.send',
      parameters: ['to', 'login', 'body', 'more'],
      redact: ['/body/plan'],
    })
    const constraints = [
      { path: '/to', oneOf: ['ops@example.com', secrets[0] as string] },
      { path: '/login/password', equals: secrets[1] as string },
      { path: '/login/user', equals: 'root' },
      { path: '/body', equals: { plan: secrets[2] as string, pages: 3 } },
      { path: '/more/$type', equals: 'map' },
      { path: '/more/value', equals: [['password', secrets[3] as string]] },
    ]
    const give = { action: 'mail.send', constraints, expiresIn: '1h', uses: 1 } as const
    const grant = await reviewAccess(s.gate).grants.create(give, ada)
    await reviewAccess(s.gate).grants.endorse(grant.id, ben)
    await reviewAccess(s.gate).grants.revoke(grant.id, ben, 'over')
    const told = [
      ...(await s.events('grant.created')),
      ...(await s.events('grant.endorsed')),
      ...(await s.events('grant.revoked')),
    ]
    expect(told).toHaveLength(3)
    for (const secret of secrets) expect(mentions([s.audit.events, s.logger.entries], secret)).toBe(false)
    for (const { data } of told) {
      expect(data['constraints']).toEqual([
        { oneOf: [[['', 'ops@example.com']], [['', '[redacted: Slack token]']]], path: '/to' },
        { equals: '[redacted]', path: '/login/password' },
        { equals: [['', 'root']], path: '/login/user' },
        {
          equals: [
            ['/pages', '3'],
            ['/plan', '[redacted]'],
          ],
          path: '/body',
        },
        { equals: [['', 'map']], path: '/more/$type' },
        { equals: '[redacted]', path: '/more/value' },
      ])
      expect(data['constraintsDigest']).toBe(
        createHash('sha256')
          .update(canonicalize(grant.constraints as unknown as Json))
          .digest('hex'),
      )
    }
  })

  test('T43: a process that does not know what an action hides shows nothing of a grant for it', async () => {
    const s = scene()
    const constraints = [{ path: '/plan', equals: 'plan-b' }]
    const give = { constraints, expiresIn: '1h', uses: 1 } as const
    await reviewAccess(s.gate).grants.create({ ...give, action: 'mail.send' }, ada)
    const hiding = defineAction({ name: 'mail.send', parameters: ['plan'], redact: ['/plan'] })
    await reviewAccess(s.gate).grants.create({ ...give, action: hiding }, ada)
    await reviewAccess(s.gate).grants.create(
      { ...give, action: defineAction({ name: 'mail.send', parameters: ['plan'] }) },
      ada,
    )
    const told = await s.events('grant.created')
    expect(told.map(({ data }) => data['constraints'])).toEqual([
      [{ equals: '[redacted]', path: '/plan' }],
      [{ equals: '[redacted]', path: '/plan' }],
      [{ equals: [['', 'plan-b']], path: '/plan' }],
    ])
  })
})
