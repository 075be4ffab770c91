import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { eventsOf } from '../src/sse'

async function read(chunks: Iterable<Buffer>): Promise<{ raw: string; data: string | null }[]> {
  const found = []
  for await (const { data, raw } of eventsOf(Readable.from(chunks))) found.push({ data, raw: raw.toString() })
  return found
}

test('events are the same wherever their chunks are cut', async () => {
  const text = 'data: a\n\nid: 7\r\ndata: b\r\ndata: c\r\n\r\n: comment\n\n\ndata: cut'
  const whole = await read([Buffer.from(text)])
  expect(whole.map(({ data }) => data)).toEqual(['a', 'b\nc', null])
  expect(await read([...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(whole)
})

test('a large event that comes in small chunks is not read again for each of them', async () => {
  const chunk = Buffer.alloc(500, 'x')
  const before = process.cpuUsage()
  const [event] = await read([
    Buffer.from('data: '),
    ...Array.from({ length: 20_000 }, () => chunk),
    Buffer.from('\n\n'),
  ])
  expect(event?.data).toHaveLength(10_000_000)
  expect(process.cpuUsage(before).user / 1_000, 'milliseconds').toBeLessThan(2_000)
})
