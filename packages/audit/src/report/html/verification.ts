import type { DecisionReading } from '../../decisions'
import type { TrustedKey } from '../../note'
import type { Verdict } from '../../verify'
import { type Built, code, fact, NOTHING, part, said, table } from './markup'

/** What each verdict means for whoever reads the report. */
const MEANING: Readonly<Record<Verdict['status'], readonly [string, string]>> = {
  valid: ['The log is valid', 'Everything that was checked holds.'],
  invalid: [
    'The log is INVALID: do not rely on this report',
    'It was changed, or it tells what cannot have been. What follows is what can be read of it.',
  ],
  diverged: [
    'The log has DIVERGED from a known head: do not rely on this report',
    'It was rewritten, rolled back or cut since that head was kept. What follows is what it says now.',
  ],
  incomplete: [
    'The log is incomplete',
    'Nothing is wrong with what is there, but not all that belongs to it is there. What is missing is not in this report.',
  ],
}

/** What stands above everything, on the screen at all times, when the log does not hold. */
export function alarm({ status }: Verdict): Built {
  return status === 'valid' || status === 'incomplete'
    ? NOTHING
    : part`<div class="alarm" role="alert">${MEANING[status][0]}</div>`
}

/** The verdict, in a box. */
export function verdictBox(verdict: Verdict, trust: readonly TrustedKey[]): Built {
  const [word, meaning] = MEANING[verdict.status]
  const errors = verdict.findings.filter(({ severity }) => severity === 'error').length
  const found = errors === 0 ? NOTHING : part` <a href="#verification">${errors} findings</a>.`
  return part`<div class="verdict ${verdict.status}"><p class="word">${word}</p><p>${meaning}${found}${witness(verdict)}</p>${inShort(verdict, trust)}</div>`
}

const MOST_IN_SHORT = 3

/** What was checked, the heads and the keys, as far as they fit above everything. */
function inShort({ counts, heads }: Verdict, trust: readonly TrustedKey[]): Built {
  const { checkpoints, entries, executions, requests, signatures, votes } = counts
  return part`<dl class="checked">${[
    fact(
      'Checked',
      part`${entries} entries, ${checkpoints} signed heads, ${signatures} signatures; ${requests} requests, ${votes} votes, ${executions} executions`,
    ),
    ...heads
      .slice(0, MOST_IN_SHORT)
      .map(({ origin, root, size }) =>
        fact('Head', part`${said(origin)}: ${size} entries, root ${code(root)}`),
      ),
    ...trust.slice(0, MOST_IN_SHORT).map(({ vkey }) => fact('Trusted key', code(vkey))),
    heads.length > MOST_IN_SHORT || trust.length > MOST_IN_SHORT
      ? fact('And', part`<a href="#verification">more heads and keys</a>`)
      : NOTHING,
  ].flat()}</dl>`
}

function witness({ counts, status }: Verdict): Built {
  if (status !== 'valid') return NOTHING
  return counts.knownHeads > 0
    ? part` It still holds what it held when ${counts.knownHeads} known ${counts.knownHeads === 1 ? 'head was' : 'heads were'} kept.`
    : part` No known head was given: a log that was rewritten whole, with its own key, could not be told from this one.`
}

const MOST_FINDINGS = 200

/** What was verified, with which keys, and what was found. */
export function verificationSection(
  verdict: Verdict,
  parts: {
    readonly directories: readonly string[]
    readonly trust: readonly TrustedKey[]
    readonly reading: DecisionReading
  },
): Built {
  const { counts, findings, heads, unlisted } = verdict
  const { directories, reading, trust } = parts
  const shown = findings.slice(0, MOST_FINDINGS)
  const left = findings.length - shown.length + unlisted
  return part`<section id="verification" aria-labelledby="h-verification"><h2 id="h-verification">What was verified</h2>
<p>Every stored byte is hashed into the tree that the heads below were signed for, and every event was judged: whether a matching approval went before each run, by enough distinct people, none of them the agent’s owner or whom it acts for, on the very arguments that ran, in time, and once.</p>
<dl>${[
    fact(
      'Entries',
      part`${counts.entries} in ${counts.segments} ${counts.segments === 1 ? 'segment' : 'segments'} of ${counts.logs} ${counts.logs === 1 ? 'log' : 'logs'}`,
    ),
    fact('Signed heads', part`${counts.checkpoints} checkpoints, ${counts.signatures} signatures checked`),
    fact('Tiles', part`${counts.tiles}`),
    fact(
      'Known heads',
      part`${counts.knownHeads === 0 ? 'none was given' : `${counts.knownHeads} compared`}`,
    ),
    fact('Judged', part`${counts.requests} requests, ${counts.votes} votes, ${counts.executions} executions`),
    fact('Shown here', part`${reading.entries} entries were read for this report`),
  ].flat()}</dl>
${table(
  'Heads as they were found. Keep them, to be compared with at the next verification',
  ['Log', 'Directory', 'Entries', 'Root hash'],
  heads.map(
    ({ directory, origin, root, size }) =>
      part`<tr><td>${said(origin)}</td><td>${code(directory)}</td><td class="number">${size}</td><td>${code(root)}</td></tr>`,
  ),
  'medium',
)}${heads.length < directories.length ? part`<p>No head could be verified of: ${directories.filter((one) => !heads.some(({ directory }) => directory === one)).join(', ')}.</p>` : NOTHING}
${table(
  'Keys that were trusted. They have to come on another way than the log',
  ['Verifier key', 'Valid from entry', 'To entry'],
  trust.map(
    ({ from, to, vkey }) =>
      part`<tr><td>${code(vkey)}</td><td class="number">${from}</td><td class="number">${to === null ? 'in use' : to}</td></tr>`,
  ),
)}
${
  shown.length === 0
    ? part`<p>There are no findings.</p>`
    : table(
        `Findings${left === 0 ? '' : `: the first ${shown.length}, and ${left} more`}`,
        ['Weight', 'What was found', 'Where'],
        shown.map(
          ({ code: name, message, place, severity }) =>
            part`<tr><td><span class="tag ${severity === 'error' ? 'high' : severity === 'warning' ? 'medium' : 'note'}">${severity}</span></td><td>${message} <span class="small">${name}</span></td><td class="small">${whereText(place)}</td></tr>`,
        ),
        'medium',
      )
}
${reading.problems.length === 0 ? NOTHING : part`<p>These could not be read:</p><ul class="plain">${reading.problems.map((problem) => part`<li>${problem}</li>`)}</ul>`}</section>`
}

function whereText({
  directory,
  eventId,
  file,
  index,
  offset,
}: Verdict['findings'][number]['place']): string {
  const where = [
    [directory, file].filter((one) => one !== null).join('/'),
    offset === null ? '' : `at byte ${offset}`,
    index === null ? '' : `entry ${index}`,
    eventId ?? '',
  ].filter((one) => one !== '')
  return where.join(', ')
}
