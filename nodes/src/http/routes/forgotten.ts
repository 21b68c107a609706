import { z } from 'zod'
import { ForgetError, type ForgetDesk } from '../../forget/index.ts'
import { AnswerError } from '../errors.ts'
import { Hash, HashText, hashText } from '../fields.ts'
import { ok, route, type Route } from '../route.ts'

/** Entries of a page. */
const PAGE = 100

const ForgottenOut = z
  .strictObject({
    forgotten: z.array(
      z.strictObject({
        messageHash: HashText,
        at: z.int().describe('Unix seconds'),
        by: z.string().describe('operator, or the name of a deny list'),
        had: z.boolean().describe('Whether the node had it: then its hash is in the root of its hour'),
      }),
    ),
    paginationCursor: HashText.optional(),
  })
  .meta({ id: 'Forgotten' })

/** What the operator has this node forget: everybody may see it, and only the operator adds to it. */
export function forgottenRoutes(forget: Pick<ForgetDesk, 'forget' | 'list'>): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/store/v1/forgotten',
        id: 'getForgotten',
        tag: 'store',
        summary: 'Messages that this node keeps no more by order of its operator, the newest entries first',
        access: 'guarded',
        query: z.strictObject({
          cursor: Hash.or(z.literal('')).optional().describe('paginationCursor of the page before'),
        }),
        answers: {
          200: { description: 'A page; the last one has no paginationCursor.', schema: ForgottenOut },
        },
      },
      ({ query: { cursor } }) => {
        const found = forget.list(PAGE + 1, cursor === '' ? undefined : cursor)
        const page = found.slice(0, PAGE)
        const last = page.at(-1)
        return ok({
          forgotten: page.map(({ hash, ...entry }) => ({ messageHash: hashText(hash), ...entry })),
          ...(found.length > PAGE && last && { paginationCursor: hashText(last.hash) }),
        })
      },
    ),
    route(
      {
        method: 'POST',
        path: '/admin/v1/forgotten',
        id: 'forgetMessage',
        tag: 'admin',
        summary: 'Forgets a message here, for good: it is removed, not given, and not taken in again',
        access: 'admin',
        body: z.strictObject({
          messageHash: Hash,
          ahead: z.boolean().default(false).describe('Whether also one that has not come is to be refused'),
        }),
        answers: {
          200: {
            description: 'It is forgotten.',
            schema: z.strictObject({ had: z.boolean(), again: z.boolean() }),
          },
          404: { description: 'There is no such message here, and `ahead` is not set.' },
          409: { description: 'Processes that share the archive have yet to sign for its hour.' },
          503: { description: 'The archive can not be changed now.' },
        },
      },
      async ({ body: { messageHash, ahead } }) => {
        try {
          return ok(await forget.forget(messageHash, { ahead }))
        } catch (error) {
          if (error instanceof ForgetError)
            throw new AnswerError(error.code === 'NOT_HERE' ? 404 : 409, error.code, error.message, {
              cause: error,
            })
          throw new AnswerError(503, 'SERVICE_UNAVAILABLE', 'The archive can not be changed', {
            cause: error,
          })
        }
      },
    ),
  ]
}
