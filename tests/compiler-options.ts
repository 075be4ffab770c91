import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../scripts/workspace.mjs'

/** The options of the workspace's own tsconfig.base.json. */
export function compilerOptions(): ts.CompilerOptions {
  const { config, error } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const parsed = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  return parsed.options
}
