export { AGENT_CAPABILITIES, type AgentCapability } from './agent-capabilities'
export type {
  AdapterOptions,
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  ScriptedCall,
  SuiteAgent,
  SuiteTool,
  Told,
} from './agent-harness'
export { type AgentResult, agentTable } from './agent-table'
export { describeAgentAdapter } from './agents'
