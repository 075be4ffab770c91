export { gateServer, type McpServerLike } from './gate-server'
export { gateTransport, type McpTransport } from './gate-transport'
export { mcpHints } from './hints'
export type { McpOptions } from './options'
