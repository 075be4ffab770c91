const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a host, as `URL.hostname` writes it, is this computer. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

/** An address on whose way nobody can read along: https, or http on this computer; `null` for anything else. */
export function privateUrl(value: unknown): URL | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null
  const url = new URL(value)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)) ? url : null
}

/** The same, for the address of a service: without query, fragment or user. */
export function privateServiceUrl(value: unknown): URL | null {
  const url = privateUrl(value)
  return url === null || url.search !== '' || url.hash !== '' || url.username !== '' ? null : url
}
