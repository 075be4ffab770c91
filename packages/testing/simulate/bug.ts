import type { Violation } from '../src/simulation/evidence'

/** One exact replacement in a source file of the workspace. */
export interface Replacement {
  /** Path from the workspace's root. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** A mistake that somebody might make, put into the simulation's own build of the engine or the store. */
export interface PlantedBug {
  readonly name: string
  /** The promise that the checker must find broken. */
  readonly promise: Violation['promise']
  readonly changes: readonly Replacement[]
}

/** Sources in which bugs are planted. */
export const ENGINE = 'packages/core/src/engine'
export const POLICY = 'packages/core/src/policy'
export const TESTING = 'packages/testing/src'

/** A bug of one replacement. */
export function plant(
  name: string,
  promise: PlantedBug['promise'],
  file: string,
  find: string,
  replace: string,
): PlantedBug {
  return { name, promise, changes: [{ file, find, replace }] }
}
