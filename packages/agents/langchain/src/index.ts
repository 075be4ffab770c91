export type { AgentOptions, Refusal, ToolAction } from '@gatewright/core/agents'
export { type GateToolsOptions, gateTool, gateTools, type LangChainTool } from './gate-tools'
export { type PendingRequest, pendingRequests } from './interrupt'
