import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ConsoleApproverOptions, resolveOptions } from './options'

const kim = {
  type: 'human',
  issuer: 'i',
  subject: 's',
  name: 'Kim',
  groups: [],
  assurance: { method: 'sso' },
} as const

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the options', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ colour: true }, 'colour'],
    [{ name: '' }, 'name'],
    [{ name: 'two words' }, 'name'],
    [{ editor: true }, 'editor'],
    [{ editor: ' ' }, 'editor'],
    [{ color: 'always' }, 'color'],
    [{ width: 12 }, 'width'],
    [{ width: Number.NaN }, 'width'],
    [{ groups: 'ops' }, 'groups'],
    [{ groups: [''] }, 'groups'],
    [{ demo: false }, 'demo'],
    [{ demo: [] }, 'demo'],
    [{ demo: [{ ...kim, type: 'agent' }] }, 'demo[0]'],
    [{ demo: true, reviewer: kim }, 'reviewer'],
    [{ groups: ['ops'], reviewer: kim }, 'groups'],
    [{ reviewer: { ...kim, type: 'service' } }, 'reviewer'],
    [{ reviewer: { ...kim, subject: '' } }, 'reviewer.subject'],
    [{ reviewer: { ...kim, assurance: undefined } }, 'reviewer.assurance'],
  ])('T40: %j is refused by name', (options, name) => {
    expect(() => resolveOptions(options as ConsoleApproverOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `consoleApprover.${name}` }),
    )
  })

  it("never invents groups for the operating system's user", () => {
    expect(resolveOptions({}).people).toMatchObject([{ groups: [], assurance: { method: 'local' } }])
  })

  it('takes the editor from VISUAL, then EDITOR, then none', () => {
    vi.stubEnv('VISUAL', 'code --wait')
    vi.stubEnv('EDITOR', 'vi')
    expect(resolveOptions({}).editor).toBe('code --wait')
    vi.stubEnv('VISUAL', undefined)
    expect(resolveOptions({}).editor).toBe('vi')
    expect(resolveOptions({ editor: 'nano' }).editor).toBe('nano')
    expect(resolveOptions({ editor: false }).editor).toBe(null)
    vi.stubEnv('EDITOR', '')
    expect(resolveOptions({}).editor).toBe(null)
  })
})
