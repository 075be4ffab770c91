import { SignInError } from './sign-in'

/**
 * What is said of an answer of an identity provider that was not accepted. Asking again for a fresh sign-in helps nobody
 * where the provider does not say when it was, or asks nobody again: those are told apart.
 */
export function notConfirmed(cause: unknown): SignInError {
  const texts = messagesOf(cause)
  if (texts.some((text) => text.includes('too much time has elapsed')))
    return new SignInError(
      'failed',
      'You signed in at the identity provider too long ago for this, and it did not ask you again. Sign out there, then sign in again.',
      cause,
    )
  if (texts.some((text) => text.includes('"auth_time"')))
    return new SignInError(
      'failed',
      'The identity provider does not say when you signed in, which this needs. Ask whoever runs this server to have it send "auth_time".',
      cause,
    )
  return new SignInError('failed', 'The identity provider did not confirm who you are. Sign in again.', cause)
}

/** The messages of an error and of what caused it. */
function messagesOf(error: unknown): readonly string[] {
  return error instanceof Error ? [error.message, ...messagesOf(error.cause)] : []
}
