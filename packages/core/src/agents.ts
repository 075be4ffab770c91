export { type AgentOptions, checkAgentOptions, type ToolAction } from './agents/agent-options'
export { changedNote } from './agents/changed'
export { namesElsewhere } from './agents/elsewhere'
export {
  type GatedToolCall,
  type GatedTools,
  gateToolCalls,
  type ToolAnswer,
  type ToolCall,
  type ToolRun,
} from './agents/gate-tool-calls'
export { gatedList } from './agents/gated-list'
export { fitting, type Misfit, misfits } from './agents/json-schema'
export { type ParsedInput, parsedInput } from './agents/parsed-input'
export { isPending } from './agents/pending'
export { type Refusal, refusalOf } from './agents/refusal'
export { toolAction } from './agents/tool-action'
export { ToolFailed } from './agents/tool-failed'
export { ToolSuspended } from './agents/tool-suspended'
export { seal, unseal } from './engine/seal-value'
export { GATED } from './wrap'
