import { describe, expect, test } from 'vitest'
import { countsIn, progress } from './progress'
import { group, person } from './reviewers'
import { counting, NOW, staged, two } from './test/progress-samples'
import { approval, DIGEST, OTHER_DIGEST, required, someone } from './test/samples'

describe('where a new vote counts', () => {
  test('in the open stage that names the person, of every requirement', () => {
    const other = required({ id: 'other', reviewers: person('idp', 'ada') })
    expect(counting([two, other], [], someone('ada', ['ops']))).toEqual({
      status: 'counts',
      stages: [
        [0, 0],
        [1, 0],
      ],
    })
  })

  test('nowhere for whom no stage names', () => {
    expect(counting([staged], [], someone('eve', ['sales'])).status).toBe('not-eligible')
    expect(counting([], [], someone('ada')).status).toBe('not-eligible')
  })

  test('T05: who approved an earlier stage cannot approve a later one', () => {
    const ada = someone('ada', ['ops', 'security'])
    const refused = counting([staged], [approval(ada)], ada)
    expect(refused).toMatchObject({
      status: 'earlier-stage',
      problem: expect.stringMatching(/Somebody else/),
    })
  })

  test('who may vote in another stage than the open one is told so', () => {
    expect(counting([staged], [], someone('sec', ['security']))).toMatchObject({
      status: 'earlier-stage',
      problem: expect.stringMatching(/must be approved first/),
    })
    expect(counting([staged], [approval(someone('ada'))], someone('ben'))).toMatchObject({
      status: 'earlier-stage',
      problem: expect.stringMatching(/is complete/),
    })
  })

  test('after the quorum, a late reviewer is still told from an outsider', () => {
    const met = [approval(someone('ada')), approval(someone('ben'))]
    expect(counting([two], met, someone('cat')).status).toBe('earlier-stage')
    expect(counting([two], met, someone('eve', [])).status).toBe('not-eligible')
  })

  test('who approved the open stage may vote in it again, and reject, without adding to it', () => {
    const votes = [approval(someone('ada'))]
    expect(counting([two], votes, someone('ada'))).toEqual({ status: 'counts', stages: [[0, 0]] })
    expect(progress([two], [...votes, ...votes], DIGEST, []).open[0]?.missing).toBe(1)
  })

  test('escalation reviewers may vote once their stage is escalated, and not before', () => {
    const lead = someone('lead', ['leads'])
    expect(counting([staged], [], lead).status).toBe('not-eligible')
    expect(counting([staged], [], lead, [[0, 1]]).status).toBe('not-eligible')
    expect(counting([staged], [], lead, [[0, 0]])).toEqual({ status: 'counts', stages: [[0, 0]] })
  })

  test('T22: a weak sign-in is told apart, and counts where none is asked for', () => {
    const sec = someone('sec', ['security'])
    const votes = [approval(someone('ada'))]
    expect(counting([staged], votes, sec)).toMatchObject({
      status: 'assurance',
      problem: expect.stringMatching(/^Sign in/),
    })
    const free = required({ id: 'free', reviewers: group('security') })
    expect(counting([staged, free], votes, sec)).toEqual({ status: 'counts', stages: [[1, 0]] })
    expect(countsIn([staged], votes, DIGEST, [], sec, { method: 'sso' }, NOW).status).toBe('counts')
  })

  test('votes on other arguments do not keep anybody from voting on these', () => {
    const votes = [{ ...approval(someone('ada')), argumentsDigest: OTHER_DIGEST }]
    expect(counting([staged], votes, someone('ada', ['ops', 'security']))).toEqual({
      status: 'counts',
      stages: [[0, 0]],
    })
  })
})
