/**
 * Where Gatewright says what an operator should know. Never given raw arguments or secrets.
 * `console` satisfies it, and so do pino and winston through a one-line shim.
 */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
