export type Kind = 'call' | 'memory' | 'seconds' | 'import' | 'bundle' | 'times' | 'event' | 'peak' | 'share'

export interface Figure {
  readonly value: number
  readonly p99?: number
  readonly times?: number
  readonly bound?: number
  readonly note: string
  readonly more?: Readonly<Record<string, number>>
}

export interface Row {
  readonly name: string
  readonly group: 'gatewright' | 'limits' | 'peers'
  readonly kind: Kind
  readonly script: string
  readonly bound?: number
  readonly times?: number | undefined
}

export const rows: readonly Row[]
