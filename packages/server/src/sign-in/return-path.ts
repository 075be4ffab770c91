/**
 * A path of this server to go to after a sign-in, from an address that anybody may have written: never another site (an open
 * redirect), never an address that browsers read in another way than we do.
 */
export function returnPath(given: string | undefined, base: string): string {
  const home = `${base}/requests`
  if (given === undefined || given.length > 1_000 || !/^\/(?!\/)[\w!#$%&'()*+,./:;=?@~-]*$/.test(given))
    return home
  const url = new URL(given, 'http://site.invalid')
  const inside = url.host === 'site.invalid' && !url.pathname.startsWith('//')
  return inside && (url.pathname === base || url.pathname.startsWith(`${base}/`))
    ? url.pathname + url.search
    : home
}
