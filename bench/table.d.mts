import type { Figure, Row } from './rows.mjs'

export function describeResults(results: readonly { readonly row: Row; readonly figure: Figure }[]): string
