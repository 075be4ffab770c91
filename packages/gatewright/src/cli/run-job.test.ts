import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { findJob, idToken } from './run-job'

const close: (() => void)[] = []
afterEach(() => {
  for (const end of close.splice(0)) end()
})

const claims = {
  repository: 'o/r',
  ref: 'refs/heads/main',
  run_id: '7',
  actor: 'ada',
  environment: 'prod',
  jti: 'x',
  iat: 1,
}
const TOKEN = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const OPTIONS = { audience: 'approvals & more', idTokenEnv: 'GATEWRIGHT_ID_TOKEN' }

/** GitHub's service of ID tokens. */
async function github(answer: {
  readonly status?: number
  readonly body: string
  readonly location?: string
}) {
  const heard: IncomingMessage[] = []
  const server = createServer((request, response) => {
    heard.push(request)
    response.writeHead(
      answer.status ?? 200,
      answer.location === undefined ? {} : { location: answer.location },
    )
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    heard,
    environment: {
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'the job’s own'.replace('’', ''),
    },
  }
}

describe('the ID token of a job', () => {
  test('is asked of GitHub, for the audience', async () => {
    const { environment, heard } = await github({ body: JSON.stringify({ value: TOKEN }) })
    expect(await idToken(environment, OPTIONS)).toBe(TOKEN)
    expect(heard[0]?.url).toBe('/token?api-version=2&audience=approvals+%26+more')
    expect(heard[0]?.headers.authorization).toBe('Bearer the jobs own')
  })

  test.each([
    [{ status: 500, body: 'the jobs own' }],
    [{ body: 'no JSON, the jobs own' }],
    [{ body: '{"value":7}' }],
    [{ status: 302, body: '', location: 'http://127.0.0.1:1/' }],
  ])('T43: what goes wrong is said without what was sent or answered: %j', async (answer) => {
    const { environment } = await github(answer)
    await expect(idToken(environment, OPTIONS)).rejects.toThrow(/^GitHub gave no ID token$/)
  })

  test('is asked of no address on whose way others read', async () => {
    const { environment } = await github({ body: '' })
    const elsewhere = { ...environment, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://tokens.example/x' }
    await expect(idToken(elsewhere, OPTIONS)).rejects.toThrow('not https')
  })

  test('is in a variable at GitLab, and nowhere without CI', async () => {
    expect(await idToken({ GITLAB_CI: 'true', GATEWRIGHT_ID_TOKEN: TOKEN }, OPTIONS)).toBe(TOKEN)
    expect(await idToken({ GITLAB_CI: 'true', OTHER: TOKEN }, { ...OPTIONS, idTokenEnv: 'OTHER' })).toBe(
      TOKEN,
    )
    expect(await idToken({ GITLAB_CI: 'true' }, OPTIONS)).toBe(null)
  })
})

describe('what people see of a job', () => {
  const environment = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'o/from-the-environment',
    GITHUB_RUN_ID: '7',
    GITHUB_ACTOR: 'ada',
  }

  test('T11: is what its token says, marked as a claim; without one, its environment', () => {
    expect(findJob(environment, TOKEN)?.shown).toEqual({
      provider: 'GitHub Actions',
      verified: false,
      source: 'claimed by the job: its ID token, not verified',
      repository: 'o/r',
      ref: 'refs/heads/main',
      run_id: '7',
      actor: 'ada',
      environment: 'prod',
      link: 'https://github.com/o/from-the-environment/actions/runs/7',
    })
    expect(findJob(environment, null)?.shown).toMatchObject({
      source: 'claimed by the job: its environment',
      repository: 'o/from-the-environment',
    })
  })

  test.each([
    '',
    'x',
    'a.b.c',
    `a.${Buffer.from('[1]').toString('base64url')}.c`,
    `a.${'x'.repeat(20_000)}.c`,
  ])('a token that is none counts as none: %.20s', (token) => {
    expect(findJob(environment, token)?.shown).toMatchObject({
      source: 'claimed by the job: its environment',
    })
  })

  test('a link is one of the web, or is none', () => {
    expect(findJob({ GITLAB_CI: 'true', CI_JOB_URL: 'javascript:alert(1)' }, null)?.link).toBe(null)
    expect(findJob({ GITLAB_CI: 'true', CI_JOB_URL: 'https://u:p@gitlab.com/x' }, null)?.link).toBe(null)
    const { link, shown } =
      findJob({ GITLAB_CI: 'true', CI_JOB_URL: 'https://gitlab.com/o/r/-/jobs/7' }, null) ?? {}
    expect([link, shown?.link]).toEqual([
      'https://gitlab.com/o/r/-/jobs/7',
      'https://gitlab.com/o/r/-/jobs/7',
    ])
  })

  test('there is none outside of CI', () => {
    expect(findJob({ GITHUB_REPOSITORY: 'o/r' }, null)).toBe(null)
  })
})
