/**
 * Whether a variable of the environment is the gate's own: its secrets and keys (`GATEWRIGHT_SECRET`, `GATEWRIGHT_API_KEY`).
 * What a gate starts does not get it (T20).
 */
export function isOwnVariable(name: string): boolean {
  return name.startsWith('GATEWRIGHT_')
}
