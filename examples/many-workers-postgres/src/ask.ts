// Asks for exports and ends: nobody has to wait for people. `tsx src/ask.ts customers orders`
import { ApprovalPendingError } from 'gatewright'
import { open } from './open'

const { close, exportTable, gate } = await open('asking')
for (const table of process.argv.slice(2)) {
  // The run and the call are its key: asked twice, it is one request.
  const call = { runId: 'nightly', callId: table, wait: 'suspend' } as const
  const answer = await gate.as(call, () => exportTable({ table })).catch((error: unknown) => error)
  if (!(answer instanceof ApprovalPendingError)) throw answer
  console.log(`asked for ${table}`)
}
await close()
