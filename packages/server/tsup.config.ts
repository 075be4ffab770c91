import { join } from 'node:path'
import { packageBuild } from '../../tsup.base'
import { buildAssets } from './client/build.mjs'

export default {
  ...packageBuild(import.meta.dirname),
  define: { INBOX_ASSETS: JSON.stringify(buildAssets(join(import.meta.dirname, 'client'))) },
}
