export { gateTool, gateTools } from './gate-tools'
export type { AiSdkOptions } from './options'
export { ToolRefusedError } from './refused'
export type { AnyTool } from './tool'
