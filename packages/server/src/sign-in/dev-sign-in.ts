import { checkOptions, OptionError, type Principal, person } from '@gatewright/core'
import { type SignIn, SignInError } from './sign-in'

/** Options of {@link devSignIn}. */
export interface DevSignInOptions {
  /** The people to choose among. @default Ada Moreno and Ben Okafor, members of `groups` */
  readonly people?: readonly Principal[]
  /** Groups of the people made up. @default [] */
  readonly groups?: readonly string[]
}

/**
 * Sign-in for trying things out: whoever opens the page chooses who they are. Every page says so. The server refuses it
 * unless its address is this computer's, and it refuses `NODE_ENV=production`.
 *
 * @throws OptionError
 */
export function devSignIn(options: DevSignInOptions = {}): SignIn {
  checkOptions(options, ['people', 'groups'], 'devSignIn')
  if (process.env.NODE_ENV === 'production')
    throw new OptionError(
      'devSignIn',
      'lets anybody be anybody, so it refuses NODE_ENV=production. Use oidc, okta, entra or google',
    )
  const { groups = [], people = demoPeople(groups) } = options
  if (
    !Array.isArray(people) ||
    people.length === 0 ||
    !people.every((one: Principal) => one?.type === 'human')
  )
    throw new OptionError('devSignIn.people', 'is a list of people')
  const refuse = async (): Promise<never> => {
    throw new SignInError('refused', 'Nobody proves anything here: choose a person on the page.')
  }
  return {
    id: 'dev',
    title: 'a made-up identity',
    demo: true,
    people: people.map((one) => ({ ...one, assurance: { method: 'demo' as const } })),
    begin: refuse,
    finish: refuse,
    verifyToken: refuse,
    endSessionUrl: async () => null,
    issued: () => false,
  }
}

function demoPeople(groups: readonly string[]): readonly Principal[] {
  const made = (subject: string, name: string) =>
    person('demo', subject, { name, groups, assurance: { method: 'demo' } })
  return [made('ada', 'Ada Moreno'), made('ben', 'Ben Okafor')]
}
