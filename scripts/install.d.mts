/** How a program is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: 'ignore' | 'inherit'
  /** Prints the program's output only when it fails. */
  readonly quiet?: boolean
}

export declare function say(text: string): void
export declare function requireNode(): void
export declare function pnpm(args: readonly string[], options?: RunOptions): number
export declare function turbo(args: readonly string[], options?: { readonly quiet?: boolean }): number
export declare function install(wanted: string): void
