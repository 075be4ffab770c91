/** Needs no encoding: the ids that people give their agents. */
const PLAIN = /^[\w~-][\w.~/-]*$/
const HAS_SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/

/**
 * The name of a gate as CloudEvents wants its `source`: a URI reference (RFC 3986). What may not stand in one is
 * percent-encoded, and the percent sign itself, so that {@link sourceOf} gives the very name back.
 *
 * @returns `null` for what has no such form: an empty name, a lone surrogate
 */
export function sourceUri(source: string): string | null {
  if (PLAIN.test(source)) return source
  if (source === '' || /\p{Surrogate}/u.test(source)) return null
  const encoded = encodeURIComponent(source).replaceAll('%2F', '/').replaceAll('%40', '@')
  // Without a scheme, the first colon would make one, or an invalid one.
  return HAS_SCHEME.test(source) ? encoded.replaceAll('%3A', ':') : encoded
}

/** The name behind a `source`; `null` when {@link sourceUri} would not have written it so. */
export function sourceOf(uri: string): string | null {
  if (PLAIN.test(uri)) return uri
  try {
    const source = decodeURIComponent(uri)
    return sourceUri(source) === uri ? source : null
  } catch {
    return null
  }
}
