import * as sdk from 'ai-7'
import { aiSdk } from './ai-sdk.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false

export async function createPeer() {
  return aiSdk(sdk, 'v4', (tools) => ({ tools, toolApproval: { exportTable: 'user-approval' } }))
}
