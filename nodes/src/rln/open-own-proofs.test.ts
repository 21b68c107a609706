import { copyFile, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { epochAt, membershipTree, type ProverInput, type RlnProof } from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { openDatabase } from '../storage/index.ts'
import { RlnConfig } from './config.ts'
import { newIdentity, readIdentity, writeIdentity } from './identity-file.ts'
import { instanceStore } from './instance-store.ts'
import { COUNTER_MIGRATIONS } from './message-counter.ts'
import { openOwnProofs } from './open-own-proofs.ts'

const IDENTITY = newIdentity()
const MESSAGE: WakuMessage = { payload: Uint8Array.of(1), contentTopic: '/a/1/b/c', timestamp: 1n }
const NOW_MS = 6_000_000

const newFolder = () => mkdtemp(join(tmpdir(), 'teahouse-identity-'))

async function identityFile(unused: boolean): Promise<string> {
  const path = join(await newFolder(), 'identity.json')
  await writeIdentity(path, { secret: IDENTITY.secret, rateLimit: 10, unused })
  return path
}

async function open(
  path: string | undefined,
  options: { member?: boolean; data?: string; epochsLater?: bigint } = {},
) {
  const proved: ProverInput[] = []
  const member = {
    index: 0,
    idCommitment: IDENTITY.commitment,
    rateLimit: 10,
    active: options.member ?? true,
  }
  const now = NOW_MS + Number(options.epochsLater ?? 0n) * 60_000
  const data = options.data ?? (await newFolder())
  const db = openDatabase(join(data, 'counter.sqlite'), COUNTER_MIGRATIONS)
  const proofs = await openOwnProofs(
    RlnConfig.parse({ identityFile: path, proofShare: 0.5, proofSharePerPeer: 0.2 }),
    {
      db,
      stopMarkFile: join(data, 'counter.stopped'),
      membership: () => ({ membersOf: () => [member as never], path: () => membershipTree().path(0) }),
      prover: {
        async prove(input): Promise<RlnProof> {
          proved.push(input)
          throw new Error('proved') // what follows is the prover's, not ours
        },
      },
      rlnIdentifier: new Uint8Array(32),
      epochSeconds: 60,
      epochNow: epochAt(now / 1_000, 60),
      now: () => now,
    },
  ).catch((err: unknown) => {
    db.close()
    throw err
  })
  const attach = (peerId: string) => proofs.attach(MESSAGE, peerId).catch((err: unknown) => err)
  const stop = async () => {
    await proofs.close()
    db.close()
  }
  /** What is left when the process is killed: nothing more is written. */
  const kill = () => db.close()
  const ids = () => proved.map(({ messageId }) => messageId)
  return { attach, hold: proofs.hold, proved, ids, stop, kill }
}

describe('openOwnProofs', () => {
  it('keeps proofs for peers that are being charged, and uses no id for those that are given back', async () => {
    const { attach, hold, ids } = await open(await identityFile(true))
    const give = [hold('a'), hold('a')]
    expect(() => hold('a')).toThrow('this peer')
    for (const peer of ['b', 'b', 'c']) give.push(hold(peer))
    expect(() => hold('d')).toThrow('all peers')
    for (const back of give) back()
    hold('a')()
    await attach('a')
    expect(ids()).toEqual([0])
    expect(() => [hold('a'), hold('a')]).toThrow('this peer')
  })

  it('takes a new id for every proof, up to the share of a peer and of all', async () => {
    const { attach, proved } = await open(await identityFile(true))
    for (const peer of ['a', 'a', 'b', 'b', 'c']) await attach(peer)
    expect(proved.map(({ messageId }) => messageId)).toEqual([0, 1, 2, 3, 4])
    expect(await attach('a')).toMatchObject({ detail: { code: 'OUT_OF_RLN_PROOF', reason: 'this peer' } })
    expect(await attach('d')).toMatchObject({ detail: { code: 'OUT_OF_RLN_PROOF', reason: 'all peers' } })
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

/** A node's folder with an identity and data, as it stands after its first start and two proofs. */
async function usedNode(end: 'stop' | 'kill') {
  const identity = await identityFile(true)
  const data = join(dirname(identity), 'data')
  const node = await open(identity, { data })
  await node.attach('a')
  await node.attach('b')
  expect(node.ids()).toEqual([0, 1])
  await node[end]()
  return { identity, data, folder: dirname(identity) }
}

const UNTIL_NEXT = { detail: { code: 'OUT_OF_RLN_PROOF', reason: 'until the next epoch' } }

describe('the ids of a membership', () => {
  it('go on within the epoch after a clean stop, and after every further one', async () => {
    const { identity, data } = await usedNode('stop')
    const second = await open(identity, { data })
    await second.attach('a')
    await second.stop()
    const third = await open(identity, { data })
    await third.attach('a')
    expect([...second.ids(), ...third.ids()]).toEqual([2, 3])
  })

  it('are given by a node that is stopping no more, since the mark of the stop is written', async () => {
    const node = await open(await identityFile(true))
    await node.stop()
    await node.attach('a')
    expect(node.ids()).toEqual([])
  })

  it('wait for the next epoch after a kill, also when a clean stop follows in the same epoch', async () => {
    const { identity, data } = await usedNode('kill')
    const second = await open(identity, { data })
    expect(await second.attach('a')).toMatchObject(UNTIL_NEXT)
    await second.stop()
    const third = await open(identity, { data })
    expect(await third.attach('a')).toMatchObject(UNTIL_NEXT)
    await third.stop()
    const next = await open(identity, { data, epochsLater: 1n })
    await next.attach('a')
    expect(next.ids()).toEqual([0])
  })

  it.each([
    { given: 'put back as new files', restore: replaceFiles },
    { given: 'written into the files that are there', restore: overwriteFiles },
  ])('wait for the next epoch when an older copy of the data is $given', async ({ restore }) => {
    const { identity, data, folder } = await usedNode('stop')
    await cp(data, join(folder, 'copy'), { recursive: true })
    const second = await open(identity, { data })
    await second.attach('a')
    expect(second.ids()).toEqual([2])
    await second.stop()
    await restore(join(folder, 'copy'), data)
    const rolledBack = await open(identity, { data })
    expect(await rolledBack.attach('a')).toMatchObject(UNTIL_NEXT)
    await rolledBack.stop()
    const next = await open(identity, { data, epochsLater: 1n })
    await next.attach('a')
    expect(next.ids()).toEqual([0])
  })

  it('wait for the next epoch when the counter alone is rolled back beside a fresh mark', async () => {
    const { identity, data, folder } = await usedNode('stop')
    await cp(data, join(folder, 'copy'), { recursive: true })
    const second = await open(identity, { data })
    await second.attach('a')
    await second.stop()
    await copyFile(join(folder, 'copy', 'counter.sqlite'), join(data, 'counter.sqlite'))
    expect(await (await open(identity, { data })).attach('a')).toMatchObject(UNTIL_NEXT)
  })

  it.each<{ given: string; spoil: (node: Used) => Promise<{ identity: string; data: string }> }>([
    {
      given: 'whole',
      async spoil({ folder }) {
        const clone = `${folder}-clone`
        await cp(folder, clone, { recursive: true })
        return { identity: join(clone, 'identity.json'), data: join(clone, 'data') }
      },
    },
    { given: 'without its data', spoil: async ({ identity }) => ({ identity, data: await newFolder() }) },
    {
      given: 'into the data of another node',
      spoil: async ({ identity }) => ({ identity, data: (await usedNode('stop')).data }),
    },
    {
      given: 'over a file that was put back as unused',
      async spoil({ identity, data }) {
        await writeIdentity(identity, { secret: IDENTITY.secret, rateLimit: 10, unused: true })
        return { identity, data }
      },
    },
  ])('are given to nobody by a node that was copied $given: OTHER_INSTANCE', async ({ spoil }) => {
    const node = await usedNode('stop')
    const { identity, data } = await spoil(node)
    const before = await readFile(identity, 'utf8')
    const refused = open(identity, { data })
    await expect(refused).rejects.toMatchObject({ code: 'OTHER_INSTANCE' })
    await expect(refused).rejects.toThrow('"adopt": true')
    expect(await readFile(identity, 'utf8')).toBe(before)
  })

  it('begin with the next epoch for who adopts a membership', async () => {
    const { folder } = await usedNode('stop')
    const clone = `${folder}-clone`
    await cp(folder, clone, { recursive: true })
    const copied = join(clone, 'identity.json')
    await writeFile(
      copied,
      JSON.stringify({ ...(JSON.parse(await readFile(copied, 'utf8')) as object), adopt: true }),
    )
    const heir = await open(copied, { data: join(clone, 'data') })
    expect(await heir.attach('a')).toMatchObject(UNTIL_NEXT)
    await heir.stop()
    expect(await readIdentity(copied)).toMatchObject({ adopt: false })
    const next = await open(copied, { data: join(clone, 'data'), epochsLater: 1n })
    await next.attach('a')
    expect(next.ids()).toEqual([0])
    await next.stop()
  })

  it('survive a crash within the first start', async () => {
    const identity = await identityFile(true)
    const data = await newFolder()
    const db = openDatabase(join(data, 'counter.sqlite'), COUNTER_MIGRATIONS)
    const crashed = { instance: 'ab'.repeat(16), seal: undefined, stopped: undefined }
    instanceStore(db).set(IDENTITY.commitment, crashed)
    db.close()
    const node = await open(identity, { data })
    expect(await node.attach('a')).toMatchObject(UNTIL_NEXT)
    expect(await readIdentity(identity)).toMatchObject({ unused: false, instance: crashed.instance })
  })
})

type Used = Awaited<ReturnType<typeof usedNode>>

async function replaceFiles(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true })
  await cp(from, to, { recursive: true, preserveTimestamps: true })
}

async function overwriteFiles(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) await writeFile(join(to, name), await readFile(join(from, name)))
}

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
