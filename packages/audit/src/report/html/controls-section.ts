import { EXCEPTIONS } from '../../decisions'
import type { Collected } from '../collector'
import { type Framework, POPULATIONS } from '../framework'
import { type Anchors, actionLink } from './anchors'
import { NOTHING, part } from './markup'

/** The evidence, control by control. */
export function controlsSection({ controls, exceptions }: Collected, framework: Framework, anchors: Anchors) {
  const counts = new Map(exceptions.map(({ code, count }) => [code, count]))
  return part`<section id="controls" class="new-page" aria-labelledby="h-controls"><h2 id="h-controls">Evidence for each ${framework.item}</h2>
<p>${framework.note}</p>
<p>Each entry says what in this report is evidence for the ${framework.item}, and what it takes besides. Whether the ${framework.item} is met is for the auditor to judge.</p>
${controls.map(({ actions, control, examples, exceptions: unusual }) => {
  const linked = examples
    .filter((id) => anchors.has(id))
    .sort((one, other) => (anchors.get(one) ?? 0) - (anchors.get(other) ?? 0))
    .slice(0, 6)
  const kinds = control.exceptions.filter((code) => counts.has(code))
  return part`<div class="control"><div><h3 id="c-${control.id}">${control.id} ${control.title}</h3>
<p><b>Evidence for it:</b> ${control.evidence}</p><p class="small"><b>Not seen here:</b> ${control.beyond}</p></div>
<div class="counts"><p><b>${actions}</b> ${POPULATIONS[control.population]}${linked.length === 0 ? NOTHING : part`: ${separated(linked.map((id) => actionLink(id, anchors)))}${linked.length < actions ? ' …' : ''}`}</p>
<p><b>${unusual}</b> exceptions${kinds.length === 0 ? NOTHING : ':'}</p>${kinds.length === 0 ? NOTHING : part`<ul class="plain small">${kinds.map((code) => part`<li><a href="#x-${code}">${EXCEPTIONS[code].title}</a> (${counts.get(code) ?? 0})</li>`)}</ul>`}</div></div>`
})}</section>`
}

function separated(parts: readonly ReturnType<typeof actionLink>[]) {
  return parts.flatMap((one, at) => (at === 0 ? one : [part`, `, part`${one}`]))
}
