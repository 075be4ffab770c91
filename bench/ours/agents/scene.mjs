// What the rows of all adapters share: one tool, one gate, and how its calls are allowed or approved.
import { mockApprover } from '@gatewright/testing'
import { z } from 'zod'
import { benchGate } from '../gate.mjs'

export const name = 'exportTable'
export const description = 'Exports a table.'
export const schema = z.object({ id: z.number(), to: z.string(), dryRun: z.boolean(), note: z.string() })

let runs = 0

/** How often the tool ran. */
export const ran = () => runs

/** The tool. */
export async function work({ id }) {
  runs += 1
  return String(id)
}

const gate = benchGate([mockApprover({ otherwise: 'approve', record: false })])

/** Options of an adapter whose calls a rule allows, and of one whose calls are approved. */
export const allowed = { gate, action: () => 'free.export' }
export const approved = { gate, action: () => 'held.export' }
