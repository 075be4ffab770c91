import type { Pool } from 'pg'
import type { PostgresConnection, PostgresPool } from '../src'

/** A pool whose statements fail when `fault` says so. */
export function troubled(
  pool: Pool,
  fault: (statement: { readonly text: string }) => Error | null,
): PostgresPool {
  const wrapped = new WeakMap<object, PostgresConnection>()
  return {
    async connect() {
      const connection = await pool.connect()
      const known = wrapped.get(connection)
      if (known !== undefined) return known
      const made = new Proxy<PostgresConnection>(connection, {
        get(target, name) {
          if (name === 'query')
            return (statement: { text: string; values: unknown[] }) => {
              const error = fault(statement)
              return error === null ? target.query(statement) : Promise.reject(error)
            }
          const value: unknown = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      wrapped.set(connection, made)
      return made
    },
    options: { max: 1 },
  }
}
