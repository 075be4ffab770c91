/** What is read from: `process.stdin`, or another terminal. */
export interface ConsoleInput {
  readonly isTTY?: boolean
  readonly isRaw?: boolean
  /** The descriptor an editor may read from. Without one, arguments are edited inline. */
  readonly fd?: number
  setRawMode?(raw: boolean): unknown
  resume(): unknown
  pause(): unknown
  on(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}

/** What is written to: `process.stdout`, or another terminal. */
export interface ConsoleOutput {
  readonly isTTY?: boolean
  /** Cells of a line. @default 80 */
  readonly columns?: number
  /** Lines of the screen. */
  readonly rows?: number
  readonly fd?: number
  write(text: string): boolean
  on(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}
