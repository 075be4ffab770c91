import type { ApprovalRequest } from '@gatewright/core'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Ctx, Environment, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import type { Summary } from './request-schema'
import { noSuchRequest } from './sight'
import { summaryOf } from './summary'

/** The routes of the API, described by the schemas that check them. */
export type Api = OpenAPIHono<Environment>

/** An API without routes, which says of a request that does not fit its schema which fields are wrong. */
export function createApi(site: Site): Api {
  return new OpenAPIHono<Environment>({
    defaultHook(result, c) {
      if (result.success) return
      const errors = result.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({
              path: pointer([...issue.path, key.slice(0, 100)]),
              message: 'is not a field here',
            }))
          : [{ path: pointer(issue.path), message: issue.message }],
      )
      const fields = errors.map(({ path, message }) => `${path || 'the whole'}: ${message}`)
      // T03: who tries to say who they are is remembered. Values are not (T43).
      site.settings.logger.warn(
        { requestId: c.get('requestId'), route: c.req.routePath, fields: errors.map(({ path }) => path) },
        'a request was refused: it does not fit its schema',
      )
      throw new HttpProblem(422, 'not-valid', `Nothing was done. ${fields.slice(0, 20).join('; ')}.`, {
        errors: errors.slice(0, 100),
      })
    },
  })
}

/** The id in the path. One that is no id names no request. @throws HttpProblem 404 */
export function idOf(c: Ctx): string {
  const id = c.req.param('id') ?? ''
  if (id === '' || id.length > 100) throw noSuchRequest()
  return id
}

/** A request as the API answers it. */
export function shown({ settings, at }: Site, request: ApprovalRequest): Summary {
  return summaryOf(request, `${settings.url.origin}${at(`/requests/${encodeURIComponent(request.id)}`)}`)
}

function pointer(steps: readonly PropertyKey[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
