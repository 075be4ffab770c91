import { join } from 'node:path'
import type { NextConfig } from 'next'

export default {
  // The lockfile stands at the root of this workspace; an app of its own needs none of this.
  turbopack: { root: join(import.meta.dirname, '../..') },
} satisfies NextConfig
