import { z } from 'zod'

/** A user, as SCIM tells of them. */
export interface ScimUser {
  readonly id: string
  readonly name: string
  readonly active: boolean
  /** An attribute of text; `null` when the user has none of that name, or one of another kind. */
  text(attribute: string): string | null
}

/** Reads users and groups. Every method rejects for an answer that is not whole or not what SCIM says. */
export interface ScimClient {
  /** The one user whose attribute is exactly this. @throws Error when there are two: neither is meant for sure */
  userBy(attribute: string, value: string, signal: AbortSignal): Promise<ScimUser | null>
  user(id: string, signal: AbortSignal): Promise<ScimUser | null>
  /** Names of the groups that say this user is a member. */
  groupsOf(userId: string, signal: AbortSignal): Promise<readonly string[]>
  /** Ids of the users that are direct members of the group of this name. */
  membersOf(group: string, signal: AbortSignal): Promise<readonly string[]>
  /** Does some of these within the deadline. */
  inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** What a client needs. */
export interface ScimClientOptions {
  readonly url: URL
  readonly token: () => Promise<string>
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

const PAGE = 100
const MOST_PAGES = 100
const MOST_BYTES = 4 * 1024 * 1024

const list = z.object({
  totalResults: z.number().int().nonnegative(),
  startIndex: z.number().int().optional(),
  Resources: z.array(z.unknown()).optional(),
})

const userShape = z.looseObject({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  userName: z.string().nullish(),
  // RFC 7643 leaves it out for services that know no other. What is no boolean is refused: "False" is true to many.
  active: z.boolean().optional(),
})

const groupShape = z.looseObject({
  id: z.string().min(1),
  displayName: z.string().min(1),
  members: z.array(z.looseObject({ value: z.string().min(1), type: z.string().nullish() })).nullish(),
})

/** Makes a client of one service. */
export function createScimClient({ url, token, timeoutMs, fetch: send }: ScimClientOptions): ScimClient {
  const base = url.href.replace(/\/+$/, '')

  async function read(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await send(`${base}${path}`, {
      headers: { accept: 'application/scim+json', authorization: `Bearer ${await token()}` },
      // A redirect would carry the token to where nobody said it should go.
      redirect: 'error',
      signal,
    })
    if (response.status === 404) {
      await response.body?.cancel()
      return null
    }
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`the SCIM service answered ${response.status}`)
    }
    return JSON.parse(await readText(response))
  }

  /** All resources that a filter finds. @throws Error when they are more than we read: part of them says nothing */
  async function find(kind: 'Users' | 'Groups', filter: string, signal: AbortSignal): Promise<unknown[]> {
    const found: unknown[] = []
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = new URLSearchParams({
        filter,
        startIndex: String(found.length + 1),
        count: String(PAGE),
      })
      const answer = await read(`/${kind}?${query}`, signal)
      if (answer === null) throw new Error(`the SCIM service has no ${kind}`)
      const { totalResults, startIndex, Resources = [] } = list.parse(answer)
      // A service that starts elsewhere would have us take the first page for the second.
      if (Resources.length > 0 && startIndex !== undefined && startIndex !== found.length + 1)
        throw new Error('the SCIM service answered with another page')
      found.push(...Resources)
      if (found.length >= totalResults) return found
      if (Resources.length === 0) throw new Error('the SCIM service left out what it counted')
    }
    throw new Error('the SCIM service found more than can be read')
  }

  return {
    async userBy(attribute, value, signal) {
      const found = await find('Users', `${attribute} eq ${JSON.stringify(value)}`, signal)
      // A service may compare without case, or not at all: only this very text is meant (T21).
      const users = found.map(readUser).filter((user) => user.text(attribute) === value)
      if (users.length > 1) throw new Error(`two users of the SCIM service have one ${attribute}`)
      return users[0] ?? null
    },
    async user(id, signal) {
      const answer = await read(`/Users/${encodeURIComponent(id)}`, signal)
      const user = answer === null ? null : readUser(answer)
      if (user !== null && user.id !== id) throw new Error('the SCIM service answered with another user')
      return user
    },
    async groupsOf(userId, signal) {
      const found = await find('Groups', `members.value eq ${JSON.stringify(userId)}`, signal)
      return found
        .map((group) => groupShape.parse(group))
        .filter(({ members }) => members?.some(({ value }) => value === userId) === true)
        .map(({ displayName }) => displayName)
    },
    async membersOf(group, signal) {
      const found = await find('Groups', `displayName eq ${JSON.stringify(group)}`, signal)
      const ids = found
        .map((one) => groupShape.parse(one))
        .filter(({ displayName }) => displayName === group)
        .flatMap(({ members }) => members ?? [])
        .filter(({ type }) => type == null || type === 'User')
      return [...new Set(ids.map(({ value }) => value))]
    },
    async inTime(work) {
      const ending = new AbortController()
      let timer: NodeJS.Timeout | undefined
      // Not by the signal alone: what gives the token may hang, and hears of none.
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const error = new Error(`the SCIM service gave no whole answer within ${timeoutMs} ms`)
          ending.abort(error)
          reject(error)
        }, timeoutMs)
      })
      try {
        return await Promise.race([work(ending.signal), late])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function readUser(value: unknown): ScimUser {
  const user = userShape.parse(value)
  return {
    id: user.id,
    name: user.displayName || user.userName || user.id,
    active: user.active !== false,
    text(attribute) {
      const held = attributeOf(user, attribute)
      return typeof held === 'string' && held !== '' ? held : null
    },
  }
}

/** `urn:…:User:attribute` stands in the extension's own object (RFC 7643, section 3.3). */
function attributeOf(user: Readonly<Record<string, unknown>>, attribute: string): unknown {
  const colon = attribute.lastIndexOf(':')
  if (colon < 0) return own(user, attribute)
  const extension = own(user, attribute.slice(0, colon))
  return typeof extension === 'object' && extension !== null
    ? own(extension as Record<string, unknown>, attribute.slice(colon + 1))
    : undefined
}

function own(held: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(held, name) ? held[name] : undefined
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Error(`the SCIM service answered with more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
