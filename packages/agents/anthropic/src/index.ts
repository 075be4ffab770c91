export type { AgentOptions, Refusal, ToolAction } from '@gatewright/core/agents'
export { gateRunner, type ToolRunner } from './gate-runner'
export { type GateToolsOptions, gateTool, gateTools } from './gate-tools'
export type { RunnableTool } from './tool'
