export type { AgentOptions } from '@gatewright/core/agents'
