import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { ada, closeHouses, house } from '../../test/house'
import { visit } from '../../test/visitor'
import { assets } from './assets'

afterEach(closeHouses)

test('all that the pages load is less than 60 KB, compressed', () => {
  const bytes = Object.values(assets).map((text) => gzipSync(text).length)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(60 * 1_024)
})

test('browsers keep the very files that a page names, and ask again for any other version', async () => {
  const { server } = house()
  const visitor = await visit(server, ada)
  const { text } = await visitor.get('/requests')
  const named = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]*)"/g)].map(([, path]) => path ?? '')
  expect(named).toHaveLength(3)
  for (const path of named) {
    const file = await visitor.get(path)
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    const other = await visitor.get(path.replace(/v=.*/, 'v=old'))
    expect([other.headers.get('cache-control'), other.text]).toEqual(['no-cache', file.text])
  }
})

test('pages hold no script and no style of their own', async () => {
  const h = house()
  const id = await h.ask('data.export', { rows: 1 })
  const visitor = await visit(h.server, ada)
  for (const path of ['/requests', '/history', `/requests/${id}`, `/requests/${id}/edit`, '/nothing']) {
    const { text } = await visitor.get(path)
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)/)
  }
})
