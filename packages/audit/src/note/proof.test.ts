import { describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { inclusionProof, leafHash, nodeHash, Tree } from '../merkle'
import { checkpointText } from './checkpoint'
import { formatLogProof, parseLogProof, verifyLogProof } from './proof'
import { generateSigner, signNote } from './signer'

const ORIGIN = 'example.com/fancylog'
const SIZE = 7
const signer = generateSigner({ name: ORIGIN })
const leaves = Array.from({ length: SIZE }, (_, n) => Buffer.from(`entry ${n}`))
const tree = new Tree()
for (const leaf of leaves) tree.append(leaf)
const hashAt = (level: number, index: number): Uint8Array =>
  level === 0
    ? leafHash(leaves[index] ?? Buffer.alloc(0))
    : nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1))
const checkpoint = await signNote(checkpointText({ origin: ORIGIN, size: SIZE, root: tree.root() }), [signer])
const keys = [{ vkey: signer.verifierKey, from: 0, to: null }]

function proofOf(index: number): string {
  return formatLogProof({ index, hashes: inclusionProof(hashAt, index, SIZE), checkpoint })
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? error.code : `not ours: ${error}`
  }
  return 'accepted'
}

const verify = (proof: string, leaf = leaves[3] ?? Buffer.alloc(0)): string =>
  codeOf(() => verifyLogProof(proof, { leaf, origin: ORIGIN, keys }))

describe('C2SP tlog proofs', () => {
  const text = proofOf(3)

  test('have the lines of the specification', () => {
    const [first, index, ...rest] = text.split('\n')
    expect([first, index]).toEqual(['c2sp.org/tlog-proof@v1', 'index 3'])
    expect(rest.slice(0, 4).map((line) => line.length)).toEqual([44, 44, 44, 0])
    expect(text.endsWith(`\n\n${checkpoint}`)).toBe(true)
  })

  test("C2SP: the specification's example is read, its elided signatures filled in", () => {
    const signature = Buffer.alloc(68, 1).toString('base64')
    const example = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

\u2014 example.com/fancylog ${signature}
\u2014 witness1.example ${signature}
`
    const proof = parseLogProof(example)
    expect([proof.index, proof.hashes.length]).toEqual([73_894, 5])
    expect(formatLogProof(proof)).toBe(example)
  })

  test('verify for their entry, every one of them', () => {
    for (const [index, leaf] of leaves.entries()) {
      const { checkpoint: head, signedBy } = verifyLogProof(proofOf(index), { leaf, origin: ORIGIN, keys })
      expect([head.size, signedBy]).toEqual([SIZE, keys])
      expect(parseLogProof(proofOf(index)).index).toBe(index)
    }
  })

  test('in a log of one entry are empty paths', async () => {
    const alone = new Tree()
    alone.append(Buffer.from('only'))
    const head = await signNote(checkpointText({ origin: ORIGIN, size: 1, root: alone.root() }), [signer])
    const proof = formatLogProof({ index: 0, hashes: [], checkpoint: head })
    expect(proof).toBe(`c2sp.org/tlog-proof@v1\nindex 0\n\n${head}`)
    expect(verify(proof, Buffer.from('only'))).toBe('accepted')
  })

  test('verify for nothing else', async () => {
    expect(verify(text)).toBe('accepted')
    expect(verify(text, leaves[4])).toBe('ERR_LOG_PROOF_INVALID')
    expect(verify(text.replace('index 3', 'index 4'))).toBe('ERR_LOG_PROOF_INVALID')
    const node = Buffer.from(hashAt(1, 1))
    expect(verify(text, node)).toBe('ERR_LOG_PROOF_INVALID')
    const lines = text.split('\n')
    const spliced = (drop: number, ...add: string[]): string =>
      [...lines.slice(0, 2), ...add, ...lines.slice(2 + drop)].join('\n')
    expect(verify(spliced(1))).toBe('ERR_LOG_PROOF_INVALID')
    expect(verify(spliced(0, lines[2] ?? ''))).toBe('ERR_LOG_PROOF_INVALID')
    expect(verify(spliced(2, lines[3] ?? '', lines[2] ?? ''))).toBe('ERR_LOG_PROOF_INVALID')
    expect(verify(text.replace(`\n${SIZE}\n`, '\n8\n'))).toBe('ERR_LOG_SIGNATURE_INVALID')
    const stranger = generateSigner({ name: ORIGIN })
    const forged = await signNote(checkpointText({ origin: ORIGIN, size: SIZE, root: tree.root() }), [
      stranger,
    ])
    expect(verify(text.replace(checkpoint, forged))).toBe('ERR_LOG_SIGNATURE_UNKNOWN')
  })

  test('carry opaque data that nobody vouches for', () => {
    const { index, hashes } = parseLogProof(text)
    const extra = Buffer.from('any\n\0bytes')
    const proof = formatLogProof({ extra, index, hashes, checkpoint })
    expect(proof.split('\n')[1]).toBe(`extra ${extra.toString('base64')}`)
    expect(Buffer.from(parseLogProof(proof).extra ?? []).equals(extra)).toBe(true)
    expect(verify(proof)).toBe('accepted')
    expect(formatLogProof({ extra: Buffer.alloc(0), index, hashes, checkpoint })).toBe(text)
  })

  test.each([
    ['nothing', ''],
    ['another first line', text.replace('@v1', '@v2')],
    ['a line before', `\n${text}`],
    ['no index', text.replace('index 3\n', '')],
    ['an index with a leading zero', text.replace('index 3', 'index 03')],
    ['a negative index', text.replace('index 3', 'index -3')],
    ['an index beyond 2^53', text.replace('index 3', 'index 9007199254740992')],
    ['a space after the index', text.replace('index 3', 'index 3 ')],
    ['extra data after the index', text.replace('index 3\n', 'index 3\nextra AAAA\n')],
    ['extra data twice', text.replace('index 3\n', 'extra AAAA\nextra AAAA\nindex 3\n')],
    ['extra data that is empty', text.replace('index 3\n', 'extra \nindex 3\n')],
    ['extra data that is no Base64', text.replace('index 3\n', 'extra A\nindex 3\n')],
    ['a carriage return', text.replace('index 3\n', 'index 3\r\n')],
    ['a short hash', text.replace(/\n.{4}(.{40})\n/, '\n$1\n')],
    ['no empty line before the checkpoint', text.replace('\n\nexample', '\nexample')],
    ['two empty lines before the checkpoint', text.replace('\n\nexample', '\n\n\nexample')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['more hashes than any path', text.replace('index 3\n', `index 3\n${`${'A'.repeat(43)}=\n`.repeat(60)}`)],
  ])('with %s are none', (_what, wrong) => {
    expect(wrong).not.toBe(text)
    expect(verify(wrong)).not.toBe('accepted')
    expect(verify(wrong)).toMatch(/^ERR_LOG_(PROOF|CHECKPOINT|SIGNATURE)_INVALID$/)
  })

  test('a flipped bit anywhere is found', () => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length * 8; at += 3) {
      const flipped = Buffer.from(bytes)
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
      expect(verify(flipped.toString()), `bit ${at}`).not.toBe('accepted')
    }
  })
})
