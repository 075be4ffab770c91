import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import type { Environment } from '../http/environment'
import { assets } from './assets'

const FILES = {
  'icon.svg': { type: 'image/svg+xml', text: assets.icon },
  'inbox.css': { type: 'text/css; charset=utf-8', text: assets.style },
  'inbox.js': { type: 'text/javascript; charset=utf-8', text: assets.script },
} as const

/** A file that pages load. */
export type AssetName = keyof typeof FILES

const VERSIONS = new Map(
  Object.entries(FILES).map(([name, { text }]) => [
    name,
    createHash('sha256').update(text).digest('hex').slice(0, 16),
  ]),
)

/** Where a page finds a file: with what it holds in its address, so that browsers keep it for good. */
export function assetPath(name: AssetName): string {
  return `/assets/${name}?v=${VERSIONS.get(name)}`
}

/** Style and script of the pages. They hold nothing of anybody, so nobody has to be signed in. */
export function assetRoutes(): Hono<Environment> {
  const app = new Hono<Environment>()
  for (const [name, { type, text }] of Object.entries(FILES)) {
    app.get(`/assets/${name}`, (c) =>
      c.body(text, 200, {
        'Content-Type': type,
        // Of another version only what is here now can be given: that is not kept.
        'Cache-Control':
          c.req.query('v') === VERSIONS.get(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
      }),
    )
  }
  return app
}
