import type { RootAnswer } from '@teahouse/protocol/receipts'
import { z } from 'zod'
import { RootError, type RootDesk } from '../../roots/index.ts'
import { AnswerError } from '../errors.ts'
import { Hash, HashText } from '../fields.ts'
import { ok, route, type Route } from '../route.ts'

export interface RootRoutesDeps {
  readonly desk: RootDesk
}

const Path = z.array(HashText).max(32)
const Decimal = z.string().regex(/^\d{1,39}$/)

const RootOut = z
  .strictObject({
    root: z.strictObject({
      operator: z.int(),
      cluster: z.int(),
      shard: z.int(),
      hour: Decimal.describe('Unix seconds ÷ 3,600'),
      count: z.int().describe('Message hashes under the root'),
      root: HashText,
      liability: Decimal.describe("In the token's smallest unit"),
      signature: z.string().regex(/^0x[0-9a-f]{130}$/),
    }),
    presence: z.strictObject({ index: z.int(), path: Path }).optional(),
    absence: z
      .strictObject({ index: z.int(), left: HashText, leftPath: Path, right: HashText, rightPath: Path })
      .optional(),
  })
  .meta({ id: 'ArchiveRoot' })

const Whole = (digits: RegExp) => z.string().regex(digits, 'not a number')

export function rootRoutes({ desk }: RootRoutesDeps): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/store/v1/roots/{shard}/{hour}',
        id: 'getArchiveRoot',
        tag: 'store',
        summary: 'What the node said, signed, of an hour of its archive; with a hash, whether that is in it',
        access: 'guarded',
        params: z.strictObject({ shard: Whole(/^\d{1,5}$/), hour: Whole(/^\d{1,15}$/) }),
        query: z.strictObject({
          hash: Hash.optional().describe('A message hash in hex: adds a proof about it'),
        }),
        answers: {
          200: { description: 'The signed root, and one proof if a hash was given.', schema: RootOut },
          400: { description: 'Not a shard, an hour or a hash.' },
          404: { description: 'The node said nothing of this hour.' },
          410: { description: 'It did, but keeps the hashes no more.' },
          503: { description: 'The roots can not be read.' },
        },
      },
      async ({ params, query }) =>
        ok(show(await ask(desk, Number(params.shard), BigInt(params.hour), query.hash))),
    ),
  ]
}

async function ask(desk: RootDesk, shard: number, hour: bigint, hash?: Uint8Array): Promise<RootAnswer> {
  try {
    return await desk.answer(shard, hour, hash)
  } catch (error) {
    if (error instanceof RootError)
      throw new AnswerError(
        error.code === 'GONE' ? 410 : 404,
        error.code === 'GONE' ? 'GONE' : 'NOT_FOUND',
        error.message,
      )
    throw new AnswerError(503, 'SERVICE_UNAVAILABLE', 'The roots can not be read', { cause: error })
  }
}

function show({ root: { hour, liability, ...root }, ...proof }: RootAnswer) {
  return { root: { ...root, hour: hour.toString(), liability: liability.toString() }, ...proof }
}
