import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { webhookSchemas } from './json-schemas'

const published = join(import.meta.dirname, '../../../../../docs/schemas/webhook.v1.json')

test('the published schemas are those of the code', () => {
  const schemas = webhookSchemas()
  if (process.env.UPDATE_EXPORTS === '1') writeFileSync(published, `${JSON.stringify(schemas, null, 2)}\n`)
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(schemas)
})

describe.each(Object.entries(webhookSchemas()))('the schema of %s', (name, schema) => {
  test('is whole: draft 2020-12, under a name with its version, without what it does not describe', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(schema.$id).toBe(`urn:gatewright:webhook:1:${name}`)
    const text = JSON.stringify(schema)
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
      expect(Object.keys(schema.$defs as object)).toContain(reference)
    expect(text).not.toContain('__schema')
  })
})

test('T08: what comes in may hold no field that is not described, and what goes out may grow', () => {
  const { payload, decision, statement } = webhookSchemas()
  expect([decision.additionalProperties, statement.additionalProperties]).toEqual([false, false])
  expect(JSON.stringify(payload)).not.toContain('additionalProperties')
})
