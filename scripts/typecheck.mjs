// Type-checks the workspace, and by their own tsconfig the folders that need legacy decorators, a browser, or (apart) the types of
// zod as they are: @hono/zod-openapi adds to them, and with LangChain's in the same program betaZodTool's no longer infer.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const projects = [
  'tsconfig.json',
  'packages/core/test/legacy-decorators/tsconfig.json',
  'packages/server/client/tsconfig.json',
  'tsconfig.apart.json',
]
const cache = join(root, 'node_modules', '.cache', 'gatewright')

let failed = false
for (const [index, project] of projects.entries()) {
  if (!existsSync(join(root, project))) continue
  const incremental = ['--incremental', '--tsBuildInfoFile', join(cache, `typecheck-${index}.tsbuildinfo`)]
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false', ...incremental], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) failed = true
}
process.exit(failed ? 1 : 0)
