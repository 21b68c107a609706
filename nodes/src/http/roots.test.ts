import { archiveTree, checkRootAnswer, type RootAnswer, signArchiveRoot } from '@teahouse/protocol/receipts'
import { bytesToHex, type Hex, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RootError, type RootDesk } from '../roots/index.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

const account = privateKeyToAccount(`0x${'33'.repeat(32)}`)
const COURT = `0x${'44'.repeat(20)}` as const
const WHERE = { operator: 7, cluster: 1984, shard: 3, hour: 472_222n }
const [HERE, MISSING] = [keccak256(toHex(1)), keccak256(toHex(99))]
const tree = archiveTree([0, 1, 2, 3, 4].map((at) => keccak256(toHex(at))))
const said = { ...WHERE, count: tree.count, root: tree.root, liability: 2n ** 128n - 1n }

let api: TestApi
let failing = false

const desk: RootDesk = {
  async answer(shard, hour, bytes) {
    if (failing) throw new Error('no disk')
    if (hour === WHERE.hour - 1n) throw new RootError('kept no more', { code: 'GONE', shard, hour })
    if (shard !== WHERE.shard || hour !== WHERE.hour)
      throw new RootError('nothing', { code: 'NOT_SAID', shard, hour })
    const root = { ...said, signature: await signArchiveRoot(account, COURT, 31337, said) }
    if (!bytes) return { root }
    const presence = tree.presenceOf(bytesToHex(bytes))
    return presence ? { root, presence } : { root, absence: tree.absenceOf(bytesToHex(bytes)) }
  },
}

beforeAll(async () => void (api = await testApi({ roots: desk })))
afterAll(() => api.stop())

const get = (path: string) => api.get(`/store/v1/roots/${path}`)

describe('a root over HTTP', () => {
  it('is what a client checks, with a proof if it names a hash', async () => {
    const ask = async (messageHash?: Hex) => {
      const { status, body } = await get(`3/472222${messageHash ? `?hash=${messageHash}` : ''}`)
      expect(status).toBe(200)
      const { root, ...proof } = body as RootAnswer
      const answer = {
        root: { ...root, hour: BigInt(root.hour), liability: BigInt(root.liability) },
        ...proof,
      }
      const question = { ...WHERE, court: COURT, chainId: 31337, node: account.address, messageHash }
      return checkRootAnswer(question, answer)
    }
    expect([await ask(HERE), await ask(MISSING), await ask()]).toEqual(['present', 'absent', undefined])
  })

  it.each([
    { given: 'an hour of which nothing was said', path: '3/472223', status: 404, code: 'NOT_FOUND' },
    { given: 'hashes that are kept no more', path: '3/472221', status: 410, code: 'GONE' },
    { given: 'a shard that is none', path: 'x/472222', status: 400, code: 'BAD_REQUEST' },
    { given: 'an hour that is none', path: '3/-1', status: 400, code: 'BAD_REQUEST' },
    { given: 'a hash that is none', path: '3/472222?hash=0x12', status: 400, code: 'BAD_REQUEST' },
    { given: 'another parameter', path: '3/472222?foo=1', status: 400, code: 'BAD_REQUEST' },
  ])('is refused for $given: $status', async ({ path, status, code }) => {
    expect(await get(path)).toMatchObject({ status, body: { code } })
  })

  it('is refused with 503 when it can not be read', async () => {
    failing = true
    expect(await get('3/472222')).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
    failing = false
  })
})
