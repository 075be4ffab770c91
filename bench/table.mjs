// How figures are read: units, bounds, and the peers beside the row they belong to.

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./rows.mjs').Figure} Figure */

const units = {
  call: (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)} µs`,
  memory: (value) => (value < 1_000 ? `${value.toFixed(0)} B` : `${(value / 1_024).toFixed(2)} KB`),
  seconds: (value) => `${value.toFixed(2)} s`,
  import: (value) => `${value.toFixed(0)} ms`,
  bundle: (value) => `${(value / 1_000).toFixed(1)} KB`,
  event: (value) => `${value.toFixed(2)} µs`,
  peak: (value) => `${(value / 2 ** 20).toFixed(1)} MB`,
  share: (value) => `${(value * 100).toFixed(3)} %`,
  times: (value) => `${value.toFixed(2)} times`,
}

/** The row whose figure the peers' figures of its kind stand beside. */
const compared = {
  call: 'reviewed, 100 B',
  memory: 'pending, memory each',
  import: 'cold import',
  bundle: 'core, min+gzip',
}

/**
 * The whole report as Markdown, readable in a terminal as well.
 *
 * @param {ReadonlyArray<{ row: Row, figure: Figure }>} results
 */
export function describeResults(results) {
  const of = (group) => results.filter(({ row }) => row.group === group)
  const parts = [
    table(['Gatewright', 'median', 'p99', 'must be', 'met', 'how'], of('gatewright').map(boundRow)),
    table(['physical limits', 'median', 'p99', 'how'], of('limits').map(plainRow)),
    table(
      ['peer', 'figure', 'gated p99', 'times ours', 'how'],
      of('peers').map((one) => peerRow(one, results)),
    ),
    describeFactors(results),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function boundRow({ row, figure }) {
  const show = units[row.kind]
  const bound = figure.bound ?? row.bound
  const met = figure.value <= bound
  const missed = `no, ${(figure.value / bound).toFixed(1)}x`
  return [
    row.name,
    show(figure.value),
    quantile(row, figure),
    `<= ${show(bound)}`,
    met ? 'yes' : missed,
    figure.note,
  ]
}

function plainRow({ row, figure }) {
  return [row.name, units[row.kind](figure.value), quantile(row, figure), figure.note]
}

function peerRow({ row, figure }, results) {
  const factor = factorOf({ row, figure }, results)
  const times = factor === undefined ? '' : `${factor.toPrecision(2)}x`
  return [row.name, units[row.kind](figure.value), quantile(row, figure), times, figure.note]
}

function quantile({ kind }, { p99 }) {
  return p99 === undefined ? '' : units[kind](p99)
}

/** How many times ours a peer's figure is, if ours was measured. */
function factorOf({ row, figure }, results) {
  if (figure.times !== undefined) return figure.times
  const ours = results.find((one) => one.row.name === compared[row.kind])?.figure.value
  return ours === undefined ? undefined : figure.value / ours
}

function describeFactors(results) {
  const factors = results.flatMap((one) => {
    const factor = one.row.times === undefined ? undefined : factorOf(one, results)
    if (factor === undefined) return []
    const { name, times } = one.row
    return [
      `${name}: ${(Math.floor(factor * 10) / 10).toFixed(1)} times, ${factor >= times ? 'met' : `not met (${times})`}`,
    ]
  })
  if (factors.length === 0) return ''
  return `Peers must take so many times what a reviewed call of ours takes. ${factors.join('; ')}.`
}

function table(head, lines) {
  if (lines.length === 0) return ''
  const all = [head, ...lines]
  const widths = head.map((_, column) => Math.max(...all.map((line) => [...line[column]].length)))
  const draw = (cells) =>
    `| ${cells.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [draw(head), rule, ...lines.map(draw)].join('\n')
}
