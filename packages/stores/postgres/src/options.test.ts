import { describe, expect, test } from 'vitest'
import type { PostgresStoreOptions } from './options'
import { postgresStore } from './postgres-store'

describe('options', () => {
  test.each([
    [{}, 'needs either'],
    [{ connectionString: 'postgres://a', pool: { connect: () => null } }, 'needs either'],
    [{ connectionString: 'mysql://user:hidden-word@host/x' }, 'connectionString'],
    [{ connectionString: 'postgres://user:hidden-word@host:port/x' }, 'connectionString'],
    [{ connectionString: 'postgres://a', schema: 'x"; DROP TABLE y' }, 'schema'],
    [{ connectionString: 'postgres://a', tablePrefix: 'A' }, 'tablePrefix'],
    [{ connectionString: 'postgres://a', lisen: false }, 'did you mean "listen"'],
    [{ connectionString: 'postgres://a', listen: 'no' }, 'listen'],
    [{ connectionString: 'postgres://a', maxConnections: 0 }, 'maxConnections'],
    [{ connectionString: 'postgres://a', statementTimeout: 0 }, 'statementTimeout'],
    [{ connectionString: 'postgres://a', clock: {} }, 'clock'],
    [{ connectionString: 'postgres://a', encryption: { keys: () => [] } }, 'encryption.keys'],
    [
      { connectionString: 'postgres://a', encryption: { keys: () => [{ id: 'x', key: 'short' }] } },
      '32 bytes',
    ],
  ])('%# are refused, naming the option and no secret', (options, named) => {
    const open = () => postgresStore(options as PostgresStoreOptions)
    expect(open).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }))
    expect(open).toThrow(named)
    expect(open).not.toThrow('hidden-word')
  })
})
