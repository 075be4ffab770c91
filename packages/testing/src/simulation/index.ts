/** The seeded simulation: worlds of processes, people and faults, judged by what they leave behind (DESIGN section 9). */
export { check } from './check'
export type {
  Answer,
  Cast,
  DirectoryAnswer,
  Effect,
  Evidence,
  ExpectedPolicy,
  LifeRecord,
  LogLine,
  Operation,
  Shown,
  Violation,
} from './evidence'
export type { Tamper } from './process'
export type { Life } from './scheduler'
export type { StoreKind } from './shared-store'
export {
  type SimulationOptions,
  type SimulationResult,
  type SimulationSummary,
  simulate,
  simulateMany,
} from './simulate'
export type { Faults } from './stage'
