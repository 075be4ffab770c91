import { describe, expect, test } from 'vitest'
import { Tree } from '../merkle'
import { checkpointText, parseCheckpoint } from './checkpoint'
import { parseNote } from './note'

const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
const note = `${text}
\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`
const root = Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64')
const invalid = expect.objectContaining({ code: 'ERR_LOG_CHECKPOINT_INVALID' })

describe('C2SP checkpoints', () => {
  test("C2SP: the specification's example is read, and written back", () => {
    const checkpoint = parseCheckpoint(parseNote(note).text)
    expect(checkpoint).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163,
      root,
      extensions: [],
    })
    expect(checkpointText(checkpoint)).toBe(text)
  })

  test('of the empty tree has size 0', () => {
    const empty = { origin: 'a', size: 0, root: new Tree().root() }
    expect(checkpointText(empty)).toBe('a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n')
    expect(parseCheckpoint(checkpointText(empty)).size).toBe(0)
  })

  test('may carry extension lines', () => {
    expect(parseCheckpoint(`${text}one\ntwo lines\n`).extensions).toEqual(['one', 'two lines'])
  })

  test.each([
    ['nothing', ''],
    ['one newline', '\n'],
    ['two lines', 'a\n1\n'],
    ['no newline at its end', text.slice(0, -1)],
    ['no origin', text.slice(text.indexOf('\n'))],
    ['a leading zero', text.replace('2085', '02085')],
    ['two zeros', text.replace('20852163', '00')],
    ['a sign', text.replace('2085', '+2085')],
    ['a minus', text.replace('2085', '-2085')],
    ['a space', text.replace('2085', ' 2085')],
    ['hexadecimal', text.replace('20852163', '0x10')],
    ['an exponent', text.replace('20852163', '1e3')],
    ['a fraction', text.replace('20852163', '1.0')],
    ['digits of another script', text.replace('20852163', '١٢')],
    ['a size beyond 2^53 - 1', text.replace('20852163', '9007199254740992')],
    ['a size of 64 bits', text.replace('20852163', '18446744073709551615')],
    ['a short root', text.replace('CsUY', '')],
    ['a root that is not Base64', text.replace('CsUY', 'Cs*Y')],
    ['a root without padding', text.replace('q2I=', 'q2I')],
    ['bits beyond the root', text.replace('q2I=', 'q2J=')],
    ['an empty line', text.replace('\nCsUY', '\n\nCsUY')],
    ['an empty extension line', `${text}\n`],
    ['an empty line among extensions', `${text}a\n\nb\n`],
  ])('with %s are none', (_what, wrong) => {
    expect(() => parseCheckpoint(wrong)).toThrow(invalid)
  })

  test.each([
    [{ origin: '' }],
    [{ origin: 'a\nb' }],
    [{ size: -1 }],
    [{ size: 0.5 }],
    [{ size: 2 ** 53 }],
    [{ root: Buffer.alloc(31) }],
  ])('are not made of %j', (fields) => {
    expect(() => checkpointText({ origin: 'a', size: 1, root, ...fields })).toThrow(invalid)
  })

  test('whose origin a note cannot hold are not made', () => {
    for (const origin of ['a\tb', '\ud800', 'a\r'])
      expect(() => checkpointText({ origin, size: 1, root })).toThrow(
        expect.objectContaining({ code: 'ERR_LOG_NOTE_INVALID' }),
      )
  })
})
