export type { FunctionCall, FunctionDefinition, GatedFunctions, TurnCall } from './functions'
export { gateFunctions } from './functions'
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
