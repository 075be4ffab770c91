// Puts style and script of the inbox together. Builds and test runners set them in place of `INBOX_ASSETS`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync, transformSync } from 'esbuild'

/** @param {string} client - this directory: whoever bundles this file knows it, and the file does not */
export function buildAssets(client) {
  const read = (name) => readFileSync(join(client, name), 'utf8')
  const { outputFiles } = buildSync({
    entryPoints: [join(client, 'main.ts')],
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
  return { icon: read('icon.svg').trim(), script: outputFiles[0].text.trim(), style: style.trim() }
}
