// A review server under /gate of a Next.js app: every path below is its own.
import { reviewServer } from '../../../lib/review-server'

export const dynamic = 'force-dynamic'

const handler = (request: Request): Promise<Response> => reviewServer().fetch(request)

export {
  handler as DELETE,
  handler as GET,
  handler as HEAD,
  handler as OPTIONS,
  handler as PATCH,
  handler as POST,
  handler as PUT,
}
