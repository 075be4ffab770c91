import { existsSync } from 'node:fs'
import type * as sources from '../src/index'

const built = new URL('../dist/index.js', import.meta.url)

/** The package as it is built: its thread is a file that only the build makes. */
export async function builtPackage(): Promise<typeof sources> {
  if (!existsSync(built)) throw new Error('these tests are of the built package: run "npm run build" first')
  return import(/* @vite-ignore */ built.href)
}
