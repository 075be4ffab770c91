/**
 * How a transport came to know who somebody is, weakest first: `demo` (a demo identity, refused in production), `local`
 * (the operating system's user), `chat` (a chat platform's session), `token` (that person's own signed token), `sso` (a
 * sign-in at the company's identity provider).
 */
export type AssuranceMethod = 'demo' | 'local' | 'chat' | 'token' | 'sso'

/** What a transport verified about a person, at the moment of the vote. */
export interface Assurance {
  readonly method: AssuranceMethod
  /**
   * When the person last proved who they are: milliseconds since the epoch (`auth_time` is in seconds). Absent means not
   * known, which satisfies no `maxAge`; so does a time more than 60 seconds in the future by the store's clock.
   */
  readonly authTime?: number
  /** The authentication context class the identity provider stated (OpenID Connect `acr`). */
  readonly acr?: string
}

/** The stable name of somebody: never an e-mail address, never a display name. Unique by the pair. */
export interface PersonRef {
  /** Who vouches for the subject: an OpenID issuer, `slack:T012AB`, `os:hostname`. */
  readonly issuer: string
  /** The immutable id under that issuer. */
  readonly subject: string
}

/** An actor, as the transport that verified it describes it (I5). */
export interface Principal extends PersonRef {
  readonly type: 'human' | 'agent' | 'service'
  /** For people to read. Never compared. */
  readonly name: string
  /** For people to read. Never compared, never links two identities. */
  readonly email?: string
  /** Group names the transport vouches for. Used only where the gate has no {@link Directory}. */
  readonly groups: readonly string[]
  readonly assurance: Assurance
}

/** One human, however they came in: the answer of a {@link Directory}. */
export interface CanonicalPerson extends PersonRef {
  readonly name: string
  readonly groups: readonly string[]
}

/**
 * Resolves every identity a person has to one canonical person, with their groups.
 * It is asked at the vote and again before running; an answer may be cached by the directory, never by the gate.
 */
export interface Directory {
  /**
   * The canonical person behind an identity, or `null` when nobody is known by it (who then cannot vote).
   * A rejection or a time-out refuses the vote: nothing is assumed.
   */
  resolve(identity: PersonRef): Promise<CanonicalPerson | null>
  /** The members of a group. Leaving it out means membership can be tested but not listed, so reachability is judged by what approvers report. */
  members?(group: string): Promise<readonly CanonicalPerson[]>
}
