import { type LeafMark, makeVisible, type ReviewLeaf, readVisible } from '@gatewright/core'
import { needsType } from '@gatewright/core/review'
import { html } from 'hono/html'
import type { Html } from './page'

interface Place {
  leaf: ReviewLeaf | null
  readonly children: Map<string, Place>
}

/** Values as nested lists: every leaf of them, whatever it holds (I9). */
export function leavesTree(leaves: readonly ReviewLeaf[]): Html {
  const root = placesOf(leaves)
  if (root.children.size === 0)
    return root.leaf === null ? html`<p class="none">None</p>` : leafValue(root.leaf)
  return html`${root.leaf === null ? '' : leafValue(root.leaf)}${branch(root)}`
}

function branch({ children }: Place): Html {
  const names = [...children.keys()]
  const isList = names.every((name, index) => name === `${index}`)
  return html`<ul class="tree${isList ? ' items' : ''}">
    ${[...children].map(
      ([step, place]) =>
        html`<li><span class="key">${visible(readStep(step))}</span> ${place.leaf === null ? '' : leafValue(place.leaf)}${place.children.size === 0 ? '' : branch(place)}</li>`,
    )}
  </ul>`
}

const MARKS: Readonly<Record<LeafMark, { readonly label: string; readonly title: string }>> = {
  redacted: { label: 'redacted', title: 'A secret is hidden here. It is part of what would run.' },
  truncated: { label: 'cut short', title: 'Not all of it is shown.' },
  escaped: {
    label: 'hidden characters',
    title: 'It holds characters that would not be seen: they are written as ⟦U+…⟧.',
  },
  'mixed-script': {
    label: 'mixed scripts',
    title: 'A word mixes alphabets whose letters look alike: it may not be what it seems.',
  },
}

/** One value: inert, set apart from the text around it whatever direction it is written in, and with its marks (T15, T16). */
export function leafValue(leaf: ReviewLeaf): Html {
  const { text, type, marks, omitted } = leaf
  return html`<bdi class="value ${type === 'string' ? 'text' : 'plain'}">${text === '' ? html`<i>empty text</i>` : visible(text)}</bdi>${
    needsType(leaf) ? html` <span class="type">${type}</span>` : ''
  }${marks.map((mark) => html` <span class="mark ${mark}" title="${MARKS[mark].title}">${MARKS[mark].label}</span>`)}${
    omitted === 0 ? '' : html` <span class="mark truncated">${omitted} more characters</span>`
  }`
}

/** Text whose visible escapes stand out. */
export function visible(text: string): Html {
  const parts = text.split(/(⟦[^⟧]*⟧)/)
  if (parts.length === 1) return html`${text}`
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<mark>${part}</mark>` : part))}`
}

/** One place where two documents differ. */
export interface Change {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** Where leaves differ, by what is shown of them: values that are hidden in both look alike. */
export function changesBetween(
  before: readonly ReviewLeaf[],
  after: readonly ReviewLeaf[],
): readonly Change[] {
  const [old, next] = [byPath(before), byPath(after)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => {
    const [was, is] = [old.get(path), next.get(path)]
    if (was?.text === is?.text && was?.type === is?.type) return []
    // A text and a number that look alike are different values.
    const words = (leaf: ReviewLeaf | undefined): string | null =>
      leaf === undefined ? null : was?.text === is?.text ? `${leaf.text} (${leaf.type})` : leaf.text
    return [{ path, before: words(was), after: words(is) }]
  })
}

/** A list of changes, told by words and not by colour alone. */
export function changesTable(changes: readonly Change[], caption: string): Html {
  return html`<table class="changes">
    <caption>${caption}</caption>
    <thead><tr><th scope="col">Where</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
    <tbody>
      ${changes.map(
        ({ path, before, after }) => html`<tr>
          <th scope="row"><bdi>${visible(path === '' ? '(all)' : path)}</bdi></th>
          <td data-label="Before">${before === null ? html`<i>not there</i>` : html`<del>${changedValue(before)}</del>`}</td>
          <td data-label="After">${after === null ? html`<i>removed</i>` : html`<ins>${changedValue(after)}</ins>`}</td>
        </tr>`,
      )}
    </tbody>
  </table>`
}

/** Two values that look alike differ by their marks. */
function changedValue(text: string): Html {
  const mixed = makeVisible(readVisible(text)).mixedScript
  const { label, title } = MARKS['mixed-script']
  return html`<bdi class="value">${visible(text)}</bdi>${mixed ? html` <span class="mark" title="${title}">${label}</span>` : ''}`
}

function byPath(leaves: readonly ReviewLeaf[]): Map<string, ReviewLeaf> {
  return new Map(leaves.map((leaf) => [leaf.path, leaf]))
}

function placesOf(leaves: readonly ReviewLeaf[]): Place {
  const root: Place = { leaf: null, children: new Map() }
  for (const leaf of leaves) {
    let place = root
    for (const step of leaf.path.split('/').slice(1)) {
      const next = place.children.get(step) ?? { leaf: null, children: new Map() }
      place.children.set(step, next)
      place = next
    }
    place.leaf = leaf
  }
  return root
}

function readStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
