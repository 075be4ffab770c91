import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Action, defineAction, normalizeAction } from './define-action'
import { OptionError } from './errors'

const broker = {
  name: 'aws',
  issue: async () => ({ secret: 's', handle: 'h', expiresAt: 0 }),
  revoke: async () => undefined,
}

describe('defining an action', () => {
  test('gives a frozen action that the gate reads once', () => {
    const action = defineAction({ name: 'data.export', title: 'Export' })
    expect(action).toEqual({ kind: 'action', name: 'data.export', options: { title: 'Export' } })
    expect(Object.isFrozen(action) && Object.isFrozen(action.options)).toBe(true)
    expect(normalizeAction(action)).toBe(normalizeAction(action))
  })

  test('has safe defaults', () => {
    const definition = normalizeAction('data.export')
    expect(definition).toEqual({
      name: 'data.export',
      input: null,
      parameters: null,
      presentation: { title: null, description: null, redact: [], personal: [] },
      context: null,
      pin: null,
      facts: null,
      idempotent: false,
      keepResult: false,
      onOrphan: 'hold',
      executionTimeoutMs: null,
      graceMs: 5_000,
      credentials: null,
    })
    expect(Object.isFrozen(definition) && Object.isFrozen(definition.presentation)).toBe(true)
  })

  test('keeps everything that is said, as copies', () => {
    const parameters = ['table', 'stream']
    const redact = ['/table/password', '/*/token']
    const context = () => ({ resource: 'x' })
    const pin = () => ({ file: 'digest' })
    const facts = { stream: () => 'a stream' }
    const options = {
      input: z.object({}),
      parameters,
      title: 't',
      description: 'd',
      context,
      pin,
      redact,
      facts,
      idempotent: true,
      keepResult: true,
      onOrphan: 'run',
      executionTimeout: '2m',
      grace: 0,
      credentials: { db: broker },
    } as const
    const definition = normalizeAction('data.export', options as never)
    parameters.push('more')
    redact.push('/table')
    expect(definition).toMatchObject({
      parameters: ['table', 'stream'],
      presentation: { title: 't', description: 'd', redact: ['/table/password', '/*/token'], personal: [] },
      idempotent: true,
      keepResult: true,
      onOrphan: 'run',
      executionTimeoutMs: 120_000,
      graceMs: 0,
    })
    expect(definition.input).toBe(options.input)
    expect(definition.context).toBe(context)
    expect(definition.pin).toBe(pin)
    expect(definition.facts?.stream).toBe(facts.stream)
    expect(definition.credentials?.db).toBe(broker)
  })

  test.each([
    ['zod', z.object({ rows: z.number() })],
    ['valibot', v.object({ rows: v.number() })],
    ['arktype', type({ rows: 'number' })],
  ])('takes a schema of %s', (_, input) => {
    expect(normalizeAction(defineAction({ name: 'x', input: input as z.ZodType })).input).toBe(input)
  })

  test.each(['x', 'data.export', 'a-b.c_d', 'v2.users.2fa', 'a.0'])('%s is a name', (name) => {
    expect(defineAction({ name }).name).toBe(name)
  })

  test.each([
    '',
    'Data',
    'data.Export',
    '.data',
    'data.',
    'data..x',
    'data.*',
    '*',
    '2fa',
    '_x',
    'data export',
    'data\n',
    'dаta',
    5,
    null,
    undefined,
  ])('T40: %j is no name', (name) => {
    expect(() => defineAction({ name: name as string })).toThrow(
      expect.objectContaining({ option: 'defineAction.name' }),
    )
    expect(() => normalizeAction(name as string)).toThrow(OptionError)
  })

  test.each<[string, unknown]>([
    ['inputs', { inputs: z.object({}) }],
    ['executiontimeout', { executiontimeout: '5s' }],
    ['input', { input: {} }],
    ['input', { input: () => true }],
    ['input', { input: { '~standard': { version: 2, validate: () => ({ value: 1 }) } } }],
    ['input', { input: { '~standard': { version: 1, validate: 'yes' } } }],
    ['parameters', { parameters: 'id' }],
    ['parameters', { parameters: ['id', 'id'] }],
    ['parameters', { parameters: ['id', ''] }],
    ['parameters', { parameters: ['__proto__'] }],
    ['title', { title: 5 }],
    ['description', { description: null }],
    ['context', { context: { resource: 'x' } }],
    ['pin', { pin: 'sha256' }],
    ['redact', { redact: '/password' }],
    ['redact[0]', { redact: ['password'] }],
    ['redact[0]', { redact: ['/a~2b'] }],
    ['redact[1]', { redact: ['/user/password', '/pasword'], parameters: ['user', 'password'] }],
    ['facts', { facts: () => 1 }],
    ['facts.stream', { facts: { stream: 'x' }, parameters: ['stream'] }],
    ['facts.stream', { facts: { stream: () => 1 } }],
    ['facts.steam', { facts: { steam: () => 1 }, parameters: ['stream'] }],
    ['idempotent', { idempotent: 'yes' }],
    ['keepResult', { keepResult: 1 }],
    ['onOrphan', { onOrphan: 'drop' }],
    ['executionTimeout', { executionTimeout: 0 }],
    ['executionTimeout', { executionTimeout: 'long' }],
    ['grace', { grace: -1 }],
    ['credentials', { credentials: [broker] }],
    ['credentials.db', { credentials: { db: { name: 'db', issue: broker.issue } } }],
    ['credentials.db', { credentials: { db: null } }],
  ])('T40: %s is named when it is wrong or unknown', (option, options) => {
    const define = () => defineAction({ name: 'x', ...(options as object) })
    expect(define).toThrow(OptionError)
    expect(define).toThrow(expect.objectContaining({ option: `defineAction.${option}` }))
    expect(() => normalizeAction('x', options as never, 'tool')).toThrow(
      expect.objectContaining({ option: `tool.${option}` }),
    )
  })

  test('T43: a pointer that could name a parameter is accepted with its escapes', () => {
    const options = { parameters: ['a/b', 'c'], redact: ['/a~1b/x', '/*', ''] }
    expect(normalizeAction('x', options).presentation.redact).toEqual(['/a~1b/x', '/*', ''])
  })

  test('T40: an action brings its own options, and takes no others', () => {
    const action = defineAction({ name: 'x', redact: ['/secret'] })
    expect(() => normalizeAction(action, { redact: [], personal: [] })).toThrow(
      expect.objectContaining({ option: 'requireApproval.redact' }),
    )
  })

  test('an action of another copy of the package is checked like a new one', () => {
    const foreign = (options: object): Action => ({ kind: 'action', name: 'x', options })
    expect(normalizeAction(foreign({ title: 't' })).presentation.title).toBe('t')
    expect(() => normalizeAction(foreign({ titel: 't' }))).toThrow(OptionError)
    expect(() => normalizeAction({ ...foreign({}), name: 'X' })).toThrow(OptionError)
  })
})
