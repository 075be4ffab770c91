import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { keys, world } from '../../test/world'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly $ref?: string } } }
  }
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[]
}

async function documented() {
  const w = world()
  const { body, status, headers } = await w.call(null, 'GET', '/api/openapi.json')
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
  const paths = body.paths as Record<string, Record<string, Operation>>
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return { w, body, operations }
}

describe('the description of the API', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { body } = await documented()
    const { valid, errors } = await new Validator().validate({ ...body })
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(body.openapi).toBe('3.1.0')
    expect(body.servers).toEqual([{ url: 'https://approvals.test/base/api' }])
  })

  test('names exactly the operations that there are', async () => {
    const { operations } = await documented()
    expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual([
      'get /v1/events',
      'get /v1/requests',
      'get /v1/requests/{id}',
      'get /v1/requests/{id}/events',
      'get /v1/statistics',
      'post /v1/requests',
      'post /v1/requests/{id}/cancel',
      'post /v1/requests/{id}/claim',
      'post /v1/requests/{id}/heartbeat',
      'post /v1/requests/{id}/outcome',
      'post /v1/requests/{id}/votes',
    ])
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('every route answers, and every other method of its path says which there are', async () => {
    const { w, operations } = await documented()
    for (const { path, method } of operations) {
      const at = `/api${path.replace('{id}', 'none')}`
      const own = await w.call(
        keys.auditor,
        method === 'get' ? 'HEAD' : 'POST',
        at,
        method === 'get' ? undefined : {},
      )
      expect([404, 405].includes(own.status) && !path.includes('{id}'), `${method} ${at}`).toBe(false)
      const other = await w.call(keys.auditor, 'PATCH', at)
      expect(other.status).toBe(405)
      expect(other.headers.get('allow')).toContain(method.toUpperCase())
    }
  })

  test('says of each operation how to authenticate, what it does and how it can fail', async () => {
    const { body, operations } = await documented()
    const schemes = body.components.securitySchemes
    expect(Object.keys(schemes).sort()).toEqual(['apiKey', 'idToken', 'session'])
    for (const { path, operation } of operations) {
      expect(operation.summary, path).toBeTruthy()
      expect(operation.description, path).toBeTruthy()
      expect(operation.security.length, path).toBeGreaterThan(0)
      for (const one of operation.security)
        for (const name of Object.keys(one)) expect(schemes).toHaveProperty(name)
      for (const status of ['401', '422', '429', '500', '503'])
        expect(operation.responses[status]?.content, path).toHaveProperty(['application/problem+json'])
      if (path.includes('{id}')) expect(operation.responses).toHaveProperty('404')
      for (const { name, description } of operation.parameters ?? [])
        expect(description, `${path} ${name}`).toBeTruthy()
    }
    for (const { path, operation } of operations.filter(({ method }) => method === 'post')) {
      const ref = operation.requestBody?.content['application/json'].schema.$ref ?? ''
      const schema = body.components.schemas[ref.split('/').pop() ?? '']
      expect(schema?.additionalProperties, path).toBe(false)
      for (const status of ['400', '413', '415']) expect(operation.responses, path).toHaveProperty(status)
    }
  })

  test('I5: votes are for people, and what a program does is for keys', async () => {
    const { operations } = await documented()
    const security = (id: string) =>
      operations.find(({ operation }) => operation.operationId === id)?.operation.security
    expect(security('vote')).toEqual([{ idToken: [] }, { session: [] }])
    for (const id of ['createRequest', 'claim', 'heartbeat', 'tellOutcome'])
      expect(security(id)).toEqual([{ apiKey: [] }])
  })
})
