import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  checkpointText,
  consistencyProof,
  fileAudit,
  generateSigner,
  inclusionProof,
  parseVerifierKey,
  signNote,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@gatewright/audit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootAt, TileReader, TileWriter } from '../../packages/audit/src/merkle'
import { root as workspace } from '../../scripts/workspace.mjs'

/** One question to the Go program; bytes as Base64. */
interface Case {
  readonly kind: 'note' | 'inclusion' | 'consistency' | 'tiles'
  readonly note: string | Uint8Array
  readonly keys?: readonly string[]
  readonly leaf?: Uint8Array
  readonly index?: number
  readonly proof?: readonly Uint8Array[]
  readonly oldSize?: number
  readonly oldRoot?: Uint8Array
  readonly directory?: string
}

const GOPATH = '/usr/share/gocode'
const missing =
  spawnSync('go', ['version']).status !== 0
    ? 'go is not installed (Debian: golang-go)'
    : existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb'))
      ? null
      : 'golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)'

const ORIGIN = 'log.example/interop'
const SIZE = 66_000
const signer = generateSigner({ name: ORIGIN })
const folder = missing === null ? mkdtempSync(join(tmpdir(), 'gatewright-go-')) : tmpdir()
const program = join(folder, 'interop')

const leafAt = (index: number): Buffer => Buffer.from(`entry ${index}`)

/** Puts all questions to one run of the program. */
function ask(cases: readonly Case[]): string[] {
  const lines = cases.map((given) =>
    JSON.stringify({ keys: [signer.verifierKey], ...given, note: Buffer.from(given.note) }, (_key, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
    ),
  )
  const { stdout, stderr, status } = spawnSync(program, {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`the Go program failed: ${stdout} ${stderr}`)
  return stdout.trimEnd().split('\n')
}

const isValid = (verdict: string | undefined): boolean => verdict === 'valid'

describe.skipIf(missing !== null)(
  `golang.org/x/mod/sumdb reads what we write${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const tiles = join(folder, 'log')
    const files = new Map<string, Uint8Array>()
    const writer = new TileWriter((path, bytes) => files.set(path, bytes))
    let reader: TileReader
    const heads = new Map<number, string>()

    const rootOf = (size: number): Uint8Array => rootAt(reader.hashAt, size)
    async function headOf(size: number): Promise<string> {
      const head =
        heads.get(size) ??
        (await signNote(checkpointText({ origin: ORIGIN, size, root: rootOf(size) }), [signer]))
      heads.set(size, head)
      return head
    }

    beforeAll(() => {
      const environment = { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '' }
      const cache = join(workspace, 'node_modules/.cache/gatewright/go-build')
      mkdirSync(cache, { recursive: true })
      const { status, stderr } = spawnSync(
        'go',
        ['build', '-o', program, join(import.meta.dirname, 'main.go')],
        {
          env: { ...environment, GOCACHE: cache },
          encoding: 'utf8',
        },
      )
      if (status !== 0) throw new Error(`the Go program was not built: ${stderr}`)
      for (let index = 0; index < SIZE; index += 1) writer.append(leafAt(index))
      for (const { path, bytes } of writer.partial()) files.set(path, bytes)
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(tiles, path)), { recursive: true })
        writeFileSync(join(tiles, path), bytes)
      }
      reader = new TileReader((path) => files.get(path) ?? null, SIZE)
    })

    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test('our checkpoints open with our verifier keys', async () => {
      const second = generateSigner({ name: ORIGIN, algorithm: 'ecdsa' })
      const text = checkpointText({ origin: ORIGIN, size: SIZE, root: rootOf(SIZE) })
      // Of ECDSA Go's library knows nothing: a signature of an unknown key, which it must ignore.
      const both = await signNote(text, [signer, second])
      const many = await signNote(text, [
        signer,
        ...Array.from({ length: 15 }, (_, at) => generateSigner({ name: `w${at}.example` })),
      ])
      const keys = [generateSigner({ name: ORIGIN }).verifierKey]
      expect(
        ask([
          { kind: 'note', note: await headOf(SIZE) },
          { kind: 'note', note: both },
          { kind: 'note', note: many },
        ]),
      ).toEqual(['valid', 'valid', 'valid'])
      expect(ask([{ kind: 'note', note: await headOf(SIZE), keys }])[0]).toMatch(/^invalid/)
    })

    test('a log that was rotated opens with the key that took over, and with its second key alone', async () => {
      const directory = join(folder, 'rotated')
      const first = generateSigner({ name: ORIGIN })
      const second = generateSigner({ name: ORIGIN, algorithm: 'ecdsa' })
      const next = generateSigner({ name: ORIGIN })
      const log = fileAudit({ directory, origin: ORIGIN, signer: first, cosigners: [second] })
      const before = await log.checkpoint()
      await log.rotateKey(next)
      const after = await log.checkpoint()
      await log.close()
      const verdicts = ask([
        { kind: 'note', note: before, keys: [first.verifierKey] },
        { kind: 'note', note: before, keys: [second.verifierKey] },
        { kind: 'note', note: after, keys: [next.verifierKey, second.verifierKey] },
        { kind: 'note', note: after, keys: [second.verifierKey] },
        { kind: 'note', note: after, keys: [first.verifierKey] },
        { kind: 'note', note: before, keys: [next.verifierKey] },
        { kind: 'note', note: after.replace(/\n\d+\n/, '\n9\n'), keys: [second.verifierKey] },
      ])
      expect(verdicts.map(isValid)).toEqual([true, true, true, true, false, false, false])
    })

    test("C2SP: it opens the specification's example, as we do", () => {
      const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
      const note =
        'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
      expect(verifyNote(note, [parseVerifierKey(key)]).ignored).toBe(0)
      // It is a note and no checkpoint: opened, then found to have no size.
      expect(ask([{ kind: 'note', note, keys: [key] }])).toEqual([
        'invalid: no checkpoint named like its key',
      ])
    })

    test('we accept no note that it refuses, whichever bit is flipped', async () => {
      const genuine = Buffer.from(await headOf(3))
      const flipped = Array.from({ length: genuine.length * 8 }, (_, at) => {
        const note = Buffer.from(genuine)
        note[at >> 3] = (note[at >> 3] ?? 0) ^ (1 << (at & 7))
        return note
      })
      const verdicts = ask(flipped.map((note) => ({ kind: 'note', note }) as const))
      const verifier = parseVerifierKey(signer.verifierKey)
      for (const [at, note] of flipped.entries()) {
        expect(() => verifyNote(note, [verifier]), `bit ${at}`).toThrow()
        // Its Base64 does not look at the bits beyond the last byte: the one place where ours is stricter.
        if (isValid(verdicts[at])) expect(at).toBeGreaterThan(genuine.length * 8 - 40)
      }
    })

    test('our inclusion proofs hold for every entry of small trees, and for some of large ones', async () => {
      const cases: Case[] = []
      for (const size of [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        31,
        32,
        33,
        255,
        256,
        257,
        65_535,
        65_536,
        65_537,
        SIZE,
      ]) {
        const step = size < 40 ? 1 : Math.floor(size / 13)
        for (let index = 0; index < size; index += step) {
          const proof = inclusionProof(reader.hashAt, index, size)
          cases.push({ kind: 'inclusion', note: await headOf(size), leaf: leafAt(index), index, proof })
        }
      }
      expect(new Set(ask(cases))).toEqual(new Set(['valid']))
    })

    test('our consistency proofs hold', async () => {
      const cases: Case[] = []
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 100, 256, 257, 1_000, 65_536, 65_537, SIZE]
      for (const newSize of sizes) {
        for (const oldSize of sizes.filter((size) => size <= newSize)) {
          const proof = consistencyProof(reader.hashAt, oldSize, newSize)
          cases.push({
            kind: 'consistency',
            note: await headOf(newSize),
            oldSize,
            oldRoot: rootOf(oldSize),
            proof,
          })
        }
      }
      expect(new Set(ask(cases))).toEqual(new Set(['valid']))
    })

    test('its own prover finds our tiles where the specification puts them', async () => {
      // Partial tiles lie there for the newest head only.
      const cases = [0, 1, 255, 256, 65_535, 65_536, SIZE - 1].map(async (index): Promise<Case> => {
        return { kind: 'tiles', note: await headOf(SIZE), leaf: leafAt(index), index, directory: tiles }
      })
      expect(new Set(ask(await Promise.all(cases)))).toEqual(new Set(['valid']))
    })

    test('it and we agree on proofs that are wrong in one way each', async () => {
      const size = 21
      const note = await headOf(size)
      const padding = Buffer.alloc(32, 1)
      const inclusion = Array.from({ length: size }, (_, index) => index).flatMap((index) => {
        const proof = inclusionProof(reader.hashAt, index, size)
        const claims = [
          ...Array.from({ length: size }, (_, other) => ({ index: other, leaf: leafAt(index), proof })),
          { index, leaf: leafAt(index + 1), proof },
          { index, leaf: leafAt(index), proof: proof.slice(1) },
          { index, leaf: leafAt(index), proof: proof.slice(0, -1) },
          { index, leaf: leafAt(index), proof: [...proof, padding] },
          { index, leaf: leafAt(index), proof: [padding, ...proof] },
          { index, leaf: leafAt(index), proof: [...proof].reverse() },
        ]
        return claims
      })
      const root = rootOf(size)
      expect(
        ask(inclusion.map((claim) => ({ kind: 'inclusion', note, ...claim }) as const)).map(isValid),
      ).toEqual(inclusion.map((claim) => verifyInclusion({ ...claim, size, root })))
      const consistency = Array.from({ length: size }, (_, at) => at + 1).flatMap((oldSize) => {
        const proof = consistencyProof(reader.hashAt, oldSize, size)
        const oldRoot = rootOf(oldSize)
        return [
          ...Array.from({ length: size }, (_, at) => ({ oldSize: at + 1, oldRoot, proof })),
          { oldSize, oldRoot: rootOf(oldSize - 1), proof },
          { oldSize, oldRoot, proof: proof.slice(1) },
          { oldSize, oldRoot, proof: [...proof, padding] },
          { oldSize, oldRoot, proof: [padding, ...proof] },
        ]
      })
      expect(
        ask(consistency.map((claim) => ({ kind: 'consistency', note, ...claim }) as const)).map(isValid),
      ).toEqual(consistency.map((claim) => verifyConsistency({ ...claim, newSize: size, newRoot: root })))
    })
  },
)
