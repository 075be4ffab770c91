export {
  type ApprovalBridge,
  approvalBridge,
  type BridgedVote,
  type BridgeOptions,
  type Waiting,
} from './approval-bridge'
export { gateTool, gateTools } from './gate-tools'
export type { AiSdkOptions } from './options'
export { ToolRefusedError } from './refused'
export type { AnyTool } from './tool'
export type { AnyUiMessage, ReviewPart, ShownReview } from './ui-message'
