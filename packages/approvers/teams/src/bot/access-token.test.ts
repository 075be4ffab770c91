import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import { decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bench, optionsFor } from '../../test/bench'
import { APP, fakeTeams, PASSWORD, TENANT } from '../../test/fake-teams'
import { teamsApprover } from './teams-approver'

describe('the bot’s token', () => {
  test('is kept until five minutes before its end', async () => {
    const { ask, teams, clock } = await bench()
    await ask({ requestId: 'r1' })
    await clock.advance('54m')
    await ask({ requestId: 'r2' })
    expect(teams.signIns).toHaveLength(1)
    await clock.advance('2m')
    await Promise.all([ask({ requestId: 'r3' }), ask({ requestId: 'r4' })])
    expect(teams.signIns).toHaveLength(2)
  })

  test('is asked for anew when it is refused before its end', async () => {
    const { ask, teams } = await bench()
    teams.revokeTokens()
    await ask({ requestId: 'r1' })
    expect([teams.signIns.length, teams.messages.length]).toEqual([2, 1])
  })

  test('T43: a refused sign-in keeps the gate from starting, and quotes no secret', async () => {
    const teams = await fakeTeams()
    onTestFinished(teams.close)
    const password = `wrong~${PASSWORD}`
    const approver = teamsApprover(optionsFor(teams, { password }))
    const failure: unknown = await approver.start?.(fakeHost(fakeClock())).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'ERR_TEAMS_FAILED',
      message: expect.stringContaining('AADSTS7000215'),
    })
    expect(`${failure} ${JSON.stringify(failure)} ${(failure as Error).stack}`).not.toContain('wrong~')
    expect((await approver.handle?.(new Request('https://gate.test/approvers/teams/messages')))?.status).toBe(
      503,
    )
  })

  test('that cannot be had yet keeps no gate from starting; nothing is sent without it', async () => {
    const clock = fakeClock()
    const teams = await fakeTeams(clock.now)
    onTestFinished(teams.close)
    teams.state.fault = ({ path }) => (path.includes('/oauth2/') ? { status: 503 } : undefined)
    const approver = teamsApprover(optionsFor(teams))
    const host = fakeHost(clock)
    await approver.start?.(host)
    const deliver = () =>
      approver.deliver(
        host.ask({ requestId: 'r1' }),
        { stages: [], purpose: 'ask' },
        'd',
        new AbortController().signal,
      )
    await expect(deliver()).rejects.toThrow(/sign in/)
    teams.state.fault = () => undefined
    await expect(deliver()).resolves.toMatchObject({ reached: 'everyone' })
    await approver.stop?.()
  })

  test('is had by a federated credential, whose token is asked for each time', async () => {
    let calls = 0
    const assertion = async () => {
      calls += 1
      return `federated-${calls}`
    }
    const { teams, clock, ask } = await bench({ password: undefined, assertion } as never)
    await clock.advance('1h')
    await ask({ requestId: 'r1' })
    expect(teams.signIns.map((form) => form.get('client_assertion'))).toEqual(['federated-1', 'federated-2'])
    expect(teams.signIns[0]?.has('client_secret')).toBe(false)
  })

  test('is had by a certificate: signed with its key, named by its thumbprint, for ten minutes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'teams-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const subject = ['-subj', '/CN=gatewright', '-days', '2']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    )
    const certificate = { privateKey: readFileSync(key, 'utf8'), certificate: readFileSync(cert, 'utf8') }
    const { teams, clock } = await bench({ password: undefined, certificate } as never)
    const token = teams.signIns[0]?.get('client_assertion') ?? ''
    const audience = `${teams.base}${TENANT}/oauth2/v2.0/token`
    const { payload } = await jwtVerify(token, await importX509(certificate.certificate, 'PS256'), {
      issuer: APP,
      subject: APP,
      audience,
      currentDate: new Date(clock.now()),
    })
    expect([payload.exp, decodeJwt(token).nbf]).toEqual([clock.now() / 1_000 + 600, clock.now() / 1_000])
    expect(decodeProtectedHeader(token)['x5t#S256']).toMatch(/^[\w-]{43}$/)
  })
})
