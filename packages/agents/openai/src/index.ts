export type { FunctionCall, FunctionDefinition } from './definition'
export { type GatedFunctions, gateFunctions, type TurnCall } from './functions'
export { gateRunnableTools, type RunnableTool } from './runnable'
export type {
  CallOutput,
  ChatCall,
  ChatCompletion,
  ChatMessage,
  ChatTool,
  OutputItem,
  ResponseLike,
  ResponseTool,
  ToolMessage,
} from './wire'
