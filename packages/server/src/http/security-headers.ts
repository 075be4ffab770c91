import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/**
 * Headers of every answer. No inline script or style runs, nothing is loaded from elsewhere, nobody frames a page, and no
 * address leaks to other sites; pages and answers are not kept, since they show what waits for approval.
 */
export function securityHeaders(secure: boolean): MiddlewareHandler {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-origin',
    // Other sites get nothing. With 'no-referrer' browsers would hide from us, too, where a form came from (`Origin: null`).
    referrerPolicy: 'same-origin',
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    strictTransportSecurity: secure ? 'max-age=31536000' : false,
  })
  return async (c, next) => {
    await headers(c, async () => {
      await next()
      // Not "c.header", which makes the whole answer anew.
      const { headers: said } = c.res
      if (!said.has('Cache-Control')) said.set('Cache-Control', 'no-store')
    })
  }
}
