import type { Principal } from '@gatewright/core'

/** What a page asks of a sign-in beyond the person's name: a fresher or stronger one (step-up, RFC 9470), or another account. */
export interface StepUp {
  /** The person must have proved who they are within this time: seconds. */
  readonly maxAge?: number
  /** One of these authentication context classes. */
  readonly acr?: readonly string[]
  /** The provider lets the person choose an account, though they are signed in there. @default false */
  readonly another?: boolean
}

/** What has to be remembered between leaving for the identity provider and coming back. Kept in a sealed cookie. */
export interface PendingSignIn {
  readonly provider: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly maxAge: number | null
  /** Classes of which one was asked for; none when any will do. */
  readonly acr: readonly string[]
  /** A path of this server. */
  readonly returnTo: string
}

/** A way for people to sign in. Made by `oidc`, `okta`, `entra`, `google` and `devSignIn`. */
export interface SignIn {
  /** Stands in addresses: `/sign-in/<id>`. */
  readonly id: string
  /** On the button, after "Sign in with". */
  readonly title: string
  /** Identities made up on this computer: the pages say so. */
  readonly demo: boolean
  /** People to choose among, where nobody is asked to prove anything (`devSignIn`). */
  readonly people: readonly Principal[]
  /** Where to send the person. @throws SignInError when the provider does not answer */
  begin(
    redirectUri: string,
    asked: StepUp,
  ): Promise<{ readonly url: URL } & Omit<PendingSignIn, 'provider' | 'returnTo'>>
  /** Who came back. @throws SignInError for anything that was not verified */
  finish(currentUrl: URL, pending: PendingSignIn): Promise<Principal>
  /** Whose token this is: an ID token for this client, verified. @throws SignInError */
  verifyToken(token: string): Promise<Principal>
  /** The page of the provider that ends its own session, or `null`. */
  endSessionUrl(returnTo: string): Promise<string | null>
  /** Whether a token claims to come from here: says nothing of its truth. */
  issued(issuer: string): boolean
}

/** Somebody was not signed in. The message is for that person; it holds no token and no claim. */
export class SignInError extends Error {
  /** `refused`: by a rule. `unavailable`: the provider did not answer. `failed`: nothing was proved. */
  readonly reason: 'refused' | 'unavailable' | 'failed'

  constructor(reason: SignInError['reason'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SignInError'
    this.reason = reason
  }
}
