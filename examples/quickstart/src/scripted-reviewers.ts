import { mockApprover } from '@gatewright/testing'
import { type Approver, person } from 'gatewright'

const ada = person('demo', 'ada', { name: 'Ada Moreno', groups: ['ops'] })
const ben = person('demo', 'ben', { name: 'Ben Okafor', groups: ['ops'] })

/** Where nobody sits at a terminal, two scripted reviewers decide: all but one deletion. */
export function scriptedReviewers(): Approver {
  return mockApprover({ name: 'scripted reviewers' })
    .approve('data.export', { by: ada, note: 'the columns are fine' })
    .reject(isDeletionOf(42), 'not a duplicate: this customer has open invoices', { by: ben })
    .approve('customer.delete', { by: [ada, ben], note: 'the request is on file' })
}

function isDeletionOf(id: number) {
  return ({
    content,
  }: {
    content: { action: string; arguments: readonly { path: string; text: string }[] }
  }): boolean =>
    content.action === 'customer.delete' &&
    content.arguments.some(({ path, text }) => path === '/id' && text === `${id}`)
}
