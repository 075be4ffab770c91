import { expect, test } from 'vitest'
import { code, html, part, quoted, said } from './markup'

test('a text is text in an element and in an attribute, and markup stays markup', () => {
  const bad = `"><script>'&\u202e`
  const inert = '&quot;&gt;&lt;script&gt;&#39;&amp;⟦U+202E⟧'
  expect(html`<i class="${bad}">${bad}</i>`).toBe(`<i class="${inert}">${inert}</i>`)
  expect(html`${part`<b>${bad}</b>`}`).toBe(`<b>${inert}</b>`)
  expect(html`${[code(bad), quoted(bad), said(bad)].flat()}`).toBe(
    `<code>${inert}</code><q>${inert}</q>${inert}`,
  )
})

test('words that mix scripts are marked, and what stored text made visible is not escaped again', () => {
  expect(html`${said('pаypal')}`).toContain('mixes scripts')
  expect(html`${said('paypal')}`).toBe('paypal')
  expect(html`${said('a⟦U+202E⟧b')}`).toBe('a⟦U+202E⟧b')
})
