// Requests as the engine makes them, for what measures the SQLite store alone.
import { sampleRequest } from '@gatewright/testing'

/** How many kinds of arguments there are. */
export const SHAPES = 500

/** A digest like any other, of a number. */
export const digest = (number) => number.toString(16).padStart(64, '0')

/** A request as the engine makes them: about 1.6 KB. */
export function requestOf(number, fields = {}) {
  return sampleRequest(`01J${String(number).padStart(23, '0')}`, {
    action: `data.export-${number % 20}`,
    arguments: JSON.stringify([
      { rows: number, table: `customers-${number % 1_000}`, reason: 'monthly report' },
    ]),
    argumentsDigest: digest(number),
    argumentShape: JSON.stringify([{ rows: 'number', table: `string-${number % SHAPES}` }]),
    requester: { id: `agent-${number % 50}`, name: 'bench', owner: null },
    intent: 'export the table for the monthly report',
    origin: {
      runId: `run-${number % 10_000}`,
      callId: `call-${number}`,
      parentRequestId: null,
      traceparent: null,
      model: null,
    },
    key: digest(number),
    processId: '01J00000000000000000000000',
    createdAt: 1_790_000_000_000 + number,
    ...fields,
  })
}
