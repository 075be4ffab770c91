export { consoleApprover } from './console-approver'
export type { ConsoleApproverOptions } from './options'
export { osUser } from './os-user'
export type { ConsoleInput, ConsoleOutput } from './streams'
