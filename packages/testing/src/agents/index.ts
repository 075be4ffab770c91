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
export { type AgentFamily, type AgentResult, agentFamilyTable, agentTable } from './agent-table'
export { describeAgentAdapter } from './agents'
