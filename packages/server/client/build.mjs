// Puts style and script of the inbox into one file that every bundler and test runner can read: `src/inbox/assets.json`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync, transformSync } from 'esbuild'

const here = import.meta.dirname
const read = (name) => readFileSync(join(here, name), 'utf8')

/** @returns {string} what `src/inbox/assets.json` has to hold */
export function buildAssets() {
  const { outputFiles } = buildSync({
    entryPoints: [join(here, 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['es2022'],
  })
  const { code: style } = transformSync(read('inbox.css'), {
    loader: 'css',
    minify: true,
    target: ['es2022', 'safari15'],
  })
  const assets = { icon: read('icon.svg').trim(), script: outputFiles[0]?.text.trim(), style: style.trim() }
  return `${JSON.stringify(assets, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(here, '../src/inbox/assets.json'), buildAssets())
}
