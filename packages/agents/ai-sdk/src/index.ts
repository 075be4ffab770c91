export {
  type ApprovalBridge,
  approvalBridge,
  type BridgedVote,
  type BridgeOptions,
} from './approval-bridge'
export { gateTool, gateTools } from './gate-tools'
export type { AiSdkOptions } from './options'
export { ToolRefusedError } from './refused'
export type { QuestionChunk, Settled, Waiting } from './settle'
export type { AnyTool } from './tool'
export type { AnyUiMessage, ReviewPart, ShownReview } from './ui-message'
