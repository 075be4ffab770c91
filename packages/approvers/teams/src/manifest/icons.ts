import { zlibSync } from 'fflate'

/** How much of a point is covered, from 0 to 1, on a field from 0 to 1 in both directions. */
type Shape = (x: number, y: number) => boolean

interface Paint {
  readonly shape: Shape
  readonly color: readonly [red: number, green: number, blue: number]
}

/** Samples in each direction of a pixel: edges are smooth. */
const SAMPLES = 4

/** The icon of 192 × 192 pixels: a gate with a tick, white on a coloured ground. */
export function colorIcon(): Uint8Array {
  return png(192, [
    { shape: () => true, color: [46, 74, 138] },
    { shape: mark, color: [255, 255, 255] },
  ])
}

/** The icon of 32 × 32 pixels: white on nothing, as Teams wants it. */
export function outlineIcon(): Uint8Array {
  return png(32, [{ shape: mark, color: [255, 255, 255] }])
}

/** Two posts, a beam, and a tick between them. */
function mark(x: number, y: number): boolean {
  const post = y > 0.22 && y < 0.8 && (near(x, 0.24, 0.04) || near(x, 0.76, 0.04))
  const beam = near(y, 0.24, 0.04) && x > 0.14 && x < 0.86
  return post || beam || onLine(x, y, 0.38, 0.56, 0.47, 0.66) || onLine(x, y, 0.47, 0.66, 0.64, 0.42)
}

const near = (value: number, centre: number, reach: number): boolean => Math.abs(value - centre) <= reach

/** Within 0.035 of a line. */
function onLine(x: number, y: number, fromX: number, fromY: number, toX: number, toY: number): boolean {
  const [dx, dy] = [toX - fromX, toY - fromY]
  const along = Math.max(0, Math.min(1, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy)))
  return Math.hypot(x - fromX - along * dx, y - fromY - along * dy) <= 0.035
}

/** A PNG with alpha (https://www.w3.org/TR/png-3/): 8 bits a sample, no filter. */
function png(size: number, layers: readonly Paint[]): Uint8Array {
  const rows = Buffer.alloc(size * (1 + size * 4))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const at = y * (1 + size * 4) + 1 + x * 4
      for (const { shape, color } of layers) {
        const covered = coverage(shape, x, y, size)
        if (covered === 0) continue
        for (const [index, sample] of color.entries()) {
          const below = layers.length > 1 ? (rows[at + index] ?? 0) : sample
          rows[at + index] = Math.round(below + (sample - below) * covered)
        }
        rows[at + 3] = Math.max(rows[at + 3] ?? 0, Math.round(255 * covered))
      }
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // 8 bits, colour with alpha.
  header.set([8, 6], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.from(zlibSync(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function coverage(shape: Shape, x: number, y: number, size: number): number {
  let inside = 0
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const [dx, dy] = [(sample % SAMPLES) + 0.5, Math.floor(sample / SAMPLES) + 0.5]
    if (shape((x + dx / SAMPLES) / size, (y + dy / SAMPLES) / size)) inside += 1
  }
  return inside / (SAMPLES * SAMPLES)
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** By the standard, bit by bit: there are two small files. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return (sum ^ 0xffffffff) >>> 0
}
