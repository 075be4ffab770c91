// What a package weighs in a program that bundles it: everything it exports, or what `names` lists, with all that these need,
// dependencies included; minified, gzipped.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { report, told } from './report.mjs'

const bench = dirname(dirname(fileURLToPath(import.meta.url)))
const { specifier, from, names } = told()
const imported = names === undefined ? '*' : `{ ${names.join(', ')} }`
const { outputFiles } = await build({
  stdin: { contents: `export ${imported} from '${specifier}'`, resolveDir: join(bench, from), loader: 'js' },
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'silent',
})
const [{ contents }] = outputFiles
report({ bytes: contents.length, gzipBytes: gzipSync(contents, { level: 9 }).length })
