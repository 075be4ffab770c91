const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Whether an address may stand in a link; or, `private`, whether what is sent there is read by nobody on the way: https, or
 * http on this computer.
 */
export function isSafeUrl(text: string | undefined, as: 'link' | 'private' = 'link'): text is string {
  if (text === undefined || !URL.canParse(text)) return false
  const { hostname, protocol, password, username } = new URL(text)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && (as === 'link' || LOOPBACK.test(hostname))
}
