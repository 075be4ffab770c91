import * as sdk from 'ai'
import { aiSdk } from './ai-sdk.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false

export async function createPeer() {
  return aiSdk(sdk, 'v3', (_tools, make) => ({ tools: { exportTable: make({ needsApproval: true }) } }))
}
