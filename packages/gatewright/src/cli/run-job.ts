import { createHash } from 'node:crypto'
import type { Json } from '@gatewright/core'
import { isSafeUrl } from './run-address'

type Environment = Readonly<Record<string, string | undefined>>

/** The job of a CI system that this process runs in. */
export interface Job {
  readonly provider: 'GitHub Actions' | 'GitLab CI'
  /** For people: what the job's ID token, or its environment, says of it. Nobody verified it here, and it says so. */
  readonly shown: { readonly [name: string]: Json }
  /** The page of the run. */
  readonly link: string | null
  /** Names this step of this job, and nothing else. */
  readonly key: readonly string[]
}

interface Provider {
  readonly name: Job['provider']
  readonly marks: string
  /** What people are shown: its claim in the ID token, and its variable. */
  readonly facts: Readonly<Record<string, string>>
  /** Variables that name the step of a job, in any order of runs and attempts. */
  readonly key: readonly string[]
  link(environment: Environment): string | undefined
}

const PROVIDERS: readonly Provider[] = [
  {
    name: 'GitHub Actions',
    marks: 'GITHUB_ACTIONS',
    facts: {
      repository: 'GITHUB_REPOSITORY',
      ref: 'GITHUB_REF',
      sha: 'GITHUB_SHA',
      workflow: 'GITHUB_WORKFLOW',
      run_id: 'GITHUB_RUN_ID',
      run_attempt: 'GITHUB_RUN_ATTEMPT',
      actor: 'GITHUB_ACTOR',
      event_name: 'GITHUB_EVENT_NAME',
      environment: '',
    },
    // Jobs of a matrix share everything but the runner.
    key: [
      'GITHUB_SERVER_URL',
      'GITHUB_REPOSITORY',
      'GITHUB_RUN_ID',
      'GITHUB_RUN_ATTEMPT',
      'GITHUB_JOB',
      'GITHUB_ACTION',
      'RUNNER_NAME',
    ],
    link: ({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run }) =>
      `${server}/${repository}/actions/runs/${run}`,
  },
  {
    name: 'GitLab CI',
    marks: 'GITLAB_CI',
    facts: {
      project_path: 'CI_PROJECT_PATH',
      ref: 'CI_COMMIT_REF_NAME',
      sha: 'CI_COMMIT_SHA',
      pipeline_id: 'CI_PIPELINE_ID',
      job_id: 'CI_JOB_ID',
      user_login: 'GITLAB_USER_LOGIN',
      environment: 'CI_ENVIRONMENT_NAME',
    },
    key: ['CI_SERVER_URL', 'CI_PROJECT_ID', 'CI_JOB_ID'],
    link: ({ CI_JOB_URL: url }) => url,
  },
]

const LONGEST = 500
const LONGEST_TOKEN = 16_384

/** The job that this process runs in. @param token - the job's ID token, where it has one */
export function findJob(environment: Environment, token: string | null): Job | null {
  const provider = PROVIDERS.find(({ marks }) => environment[marks] === 'true')
  if (provider === undefined) return null
  const claims = token === null ? null : claimsOf(token)
  const link = provider.link(environment)
  const facts = Object.entries(provider.facts).flatMap(([claim, variable]) => {
    const value = claims === null ? environment[variable] : claims[claim]
    return typeof value === 'string' && value !== '' ? [[claim, value.slice(0, LONGEST)] as const] : []
  })
  return {
    provider: provider.name,
    shown: {
      provider: provider.name,
      verified: false,
      source:
        claims === null
          ? 'claimed by the job: its environment'
          : 'claimed by the job: its ID token, not verified',
      ...Object.fromEntries(facts),
      ...(isSafeUrl(link) ? { link } : {}),
    },
    link: isSafeUrl(link) ? link : null,
    key: [provider.name, ...provider.key.map((name) => environment[name] ?? '')],
  }
}

/** The key of a call that nobody named: one for each step of a job and command line, so that a job that starts anew finds it. */
export function keyOf(job: Job, call: readonly string[]): string {
  return `job-${createHash('sha256')
    .update(JSON.stringify([job.key, call]))
    .digest('hex')}`
}

/**
 * The job's own ID token: asked of GitHub where the job may have one, or in a variable. It is shown and logged nowhere.
 *
 * @returns `null` where there is none
 * @throws Error when GitHub does not give one; its message holds nothing of the token or of the way to it
 */
export async function idToken(
  environment: Environment,
  { audience, idTokenEnv }: { readonly audience: string; readonly idTokenEnv: string },
): Promise<string | null> {
  const given = environment[idTokenEnv]
  if (environment.GITHUB_ACTIONS !== 'true') return given || null
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = environment
  if (!address || !bearer) return given || null
  if (!isSafeUrl(address, 'private')) throw new Error('the address of ID tokens is not https')
  const url = new URL(address)
  url.searchParams.set('audience', audience)
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`status ${response.status}`)
    const { value } = (await response.json()) as { readonly value?: unknown }
    if (typeof value === 'string' && value !== '') return value
  } catch {
    // Said below, without what the error may hold.
  }
  throw new Error('GitHub gave no ID token')
}

/** What a token says, unverified; `null` when it is none. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  const [, payload] = token.length > LONGEST_TOKEN ? [] : token.split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}
