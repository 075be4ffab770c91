export * from '@gatewright/audit'
export * from '@gatewright/console'
export * from '@gatewright/core'
export { createGate, type GateOptions } from './create-gate'
