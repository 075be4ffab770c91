/** One thing that every implementation must do. Rejects, saying what was wrong, when it does not. */
export interface ConformanceCase<Context, Capability extends string = never> {
  readonly name: string
  /** What the implementation must be able to do for the case to make sense. */
  readonly needs?: Capability
  run(context: Context): Promise<void>
}
