import { simulate } from './simulate'
import { linesOf } from './forge'
const n = new Map<string, number>()
const add = (k: string) => n.set(k, (n.get(k) ?? 0) + 1)
for (let seed = 1; seed <= 200; seed += 1) {
  const { evidence } = await simulate({ seed })
  const seen = new Set<string>()
  for (const { event } of Object.values(linesOf(evidence)).flat()) { if (seen.has(event.id)) continue; seen.add(event.id); add(`event ${event.type}`); if (event.type === 'execution.started') add(`basis ${event.data.basis}`); if (event.type==='request.created') { if (event.data.retryOf) add('retry'); if ((event.data.carriedVotes as unknown[]).length) add('carried') ; add(`created ${event.data.action}`)}; if (event.type === 'request.invalidated') add(`invalid: ${event.data.reason}`) ; if (event.type === 'execution.blocked') add(`blocked: ${event.data.summary}`) ; if (event.type === 'execution.unknown') add(`unknown: ${String(event.data.summary).slice(0, 40)}`)}
  for (const { kind, answer } of evidence.operations) add(`${kind} ${answer === null ? 'none' : answer.type === 'error' ? answer.code : answer.type}`)
  for (const { receipt } of evidence.casts) add(`cast ${receipt === null ? 'none' : receipt.status === 'refused' ? receipt.reason : receipt.status}`)
  for (const l of evidence.lives) { if (l.sealedStep) add('life sealed'); if (l.crashedStep) add('life crashed'); if (l.closedStep) add('life closed'); add('life') }
  for (const e of evidence.effects) add(`ran ${e.action}${e.operation === null ? ' by nobody' : ` by ${evidence.operations[e.operation]?.kind}`}`)
}
for (const [k, v] of [...n].sort()) console.log(String(v).padStart(6), k)
