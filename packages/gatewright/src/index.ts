export * from '@gatewright/audit'
export * from '@gatewright/console'
export * from '@gatewright/core'
export * from '@gatewright/outbound'
