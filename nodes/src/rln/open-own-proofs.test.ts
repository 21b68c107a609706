import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { epochAt, membershipTree, type ProverInput, type RlnProof } from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { openDatabase } from '../storage/index.ts'
import { RlnConfig } from './config.ts'
import { newIdentity, readIdentity, writeIdentity } from './identity-file.ts'
import { COUNTER_MIGRATIONS } from './message-counter.ts'
import { openOwnProofs } from './open-own-proofs.ts'

const IDENTITY = newIdentity()
const MESSAGE: WakuMessage = { payload: Uint8Array.of(1), contentTopic: '/a/1/b/c', timestamp: 1n }
const NOW_MS = 6_000_000

async function identityFile(unused: boolean): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'teahouse-identity-')), 'identity.json')
  await writeIdentity(path, { secret: IDENTITY.secret, rateLimit: 10, unused })
  return path
}

async function open(
  path: string | undefined,
  options: { member?: boolean; db?: ReturnType<typeof openDatabase> } = {},
) {
  const proved: ProverInput[] = []
  const member = {
    index: 0,
    idCommitment: IDENTITY.commitment,
    rateLimit: 10,
    active: options.member ?? true,
  }
  const proofs = await openOwnProofs(
    RlnConfig.parse({ identityFile: path, proofShare: 0.5, proofSharePerPeer: 0.2 }),
    {
      db: options.db ?? openDatabase(':memory:', COUNTER_MIGRATIONS),
      membership: () => ({ membersOf: () => [member as never], path: () => membershipTree().path(0) }),
      prover: {
        async prove(input): Promise<RlnProof> {
          proved.push(input)
          throw new Error('proved') // what follows is the prover's, not ours
        },
      },
      rlnIdentifier: new Uint8Array(32),
      epochSeconds: 60,
      epochNow: epochAt(NOW_MS / 1_000, 60),
      now: () => NOW_MS,
    },
  )
  const attach = (peerId: string) => proofs.attach(MESSAGE, peerId).catch((err: unknown) => err)
  return { attach, proved }
}

describe('openOwnProofs', () => {
  it('takes a new id for every proof, up to the share of a peer and of all', async () => {
    const { attach, proved } = await open(await identityFile(true))
    for (const peer of ['a', 'a', 'b', 'b', 'c']) await attach(peer)
    expect(proved.map(({ messageId }) => messageId)).toEqual([0, 1, 2, 3, 4])
    expect(await attach('a')).toMatchObject({ detail: { code: 'OUT_OF_RLN_PROOF', reason: 'this peer' } })
    expect(await attach('d')).toMatchObject({ detail: { code: 'OUT_OF_RLN_PROOF', reason: 'all peers' } })
  })

  it('waits for the next epoch with a membership that was used before', async () => {
    const { attach } = await open(await identityFile(false))
    expect(await attach('a')).toMatchObject({
      detail: { code: 'OUT_OF_RLN_PROOF', reason: 'until the next epoch' },
    })
  })

  it('takes a lost counter for one that was used, since the mark is gone from the file', async () => {
    const path = await identityFile(true)
    const first = await open(path)
    await first.attach('a')
    expect(first.proved).toHaveLength(1)
    expect((await readIdentity(path)).unused).toBe(false)
    const withoutCounter = await open(path)
    expect(await withoutCounter.attach('a')).toMatchObject({ detail: { reason: 'until the next epoch' } })
  })

  it.each([
    { given: 'no identity file', file: undefined, member: true },
    { given: 'a membership that is over', file: 'unused', member: false },
  ])('refuses with $given: NO_MEMBERSHIP', async ({ file, member }) => {
    const { attach, proved } = await open(file && (await identityFile(true)), { member })
    expect(await attach('a')).toMatchObject({ code: 'NO_MEMBERSHIP' })
    expect(proved).toEqual([])
  })
})

describe('an identity file', () => {
  it('is readable by its owner only', async () => {
    const path = await identityFile(true)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readIdentity(path)).toMatchObject({ ...IDENTITY, rateLimit: 10, unused: true })
  })

  it.each([
    '',
    '{}',
    '{"secret":"0x0","rateLimit":1}',
    '{"secret":"0x1","rateLimit":0}',
    `{"secret":"0x${'f'.repeat(64)}","rateLimit":1}`,
  ])('that holds %s is DATA_CORRUPT', async (content) => {
    const path = await identityFile(true)
    await writeFile(path, content)
    await expect(readIdentity(path)).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
    expect(await readFile(path, 'utf8')).toBe(content)
  })
})
