import { expect, test } from 'vitest'
import { parsedInput } from './parsed-input'

test('takes what is being called with as it is, as long as it is, and checks all else', async () => {
  const { during, schema } = parsedInput(() => ({ issues: [{ message: 'not that' }] }))
  const validate = (value: unknown) => schema['~standard'].validate(value)
  const made = { at: new Date(0) }
  await during(made, async () => {
    expect(validate({ at: new Date(0) })).toEqual({ value: made })
    expect(validate({ at: 'yesterday' })).toMatchObject({ issues: [{ message: 'not that' }] })
  })
  await expect(during(made, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(validate(made)).toMatchObject({ issues: [{ message: 'not that' }] })
})
