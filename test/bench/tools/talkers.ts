import { readFile } from 'node:fs/promises'
import { connect, type Chat, type Client, type KeyValueStore, type Transports } from '@teahouse/client'
import { fileStore, slotFolder, threadProver } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { tcp } from '@libp2p/tcp'
import type { TestNetwork } from '../../integration/client/network.ts'
import { until } from '../../support/index.ts'

/** A write to a client's store, in milliseconds of `performance.now()`. */
export interface Write {
  readonly kind: 'set' | 'update' | 'delete'
  readonly key: string
  readonly began: number
  readonly ended: number
}

export interface TalkerOptions {
  readonly name: string
  /** How the network is reached, if not directly. */
  readonly network?: LocalNetwork
  readonly transports?: Transports
}

/** Somebody with files, a membership, a chat and proofs, of whose writes is known when they happened. */
export interface Talker {
  readonly client: Client
  readonly chat: Chat
  /** Writes since the last call. */
  writes(): Write[]
}

/** As `nodeClient` makes it, with a store that is watched. */
export async function newTalker(net: TestNetwork, options: TalkerOptions): Promise<Talker> {
  const { account, dir } = await net.person()
  const { storage, writes } = watched(await fileStore(dir))
  const client = await connect({
    network: options.network ?? net.network,
    account,
    storage,
    slots: await slotFolder(dir),
    artifacts: async () => threadProver(await loadArtifacts((url) => readFile(url))),
    transports: options.transports ?? [tcp()],
  })
  await client.membership.join({ rateLimit: 600 })
  const chat = await client.chat({ name: options.name, ackDelayMs: 200 })
  await chat.start()
  await chat.publish()
  return { client, chat, writes }
}

/** Lets two know each other and talk once in each direction, so that their session and their topics are set up. */
export async function acquaint(alice: Talker, bob: Talker): Promise<void> {
  await alice.chat.contacts.add(bob.chat.card, { name: 'Bob' })
  await alice.chat.send('Bob', 'first')
  const { account } = await until('Bob is asked', async () => (await bob.chat.requests())[0])
  await bob.chat.accept(account, 'Alice')
  await bob.chat.send('Alice', 'second')
  await until('Alice has the answer', async () => (await alice.chat.messages('Bob')).length > 1)
}

function watched(store: KeyValueStore): { storage: KeyValueStore; writes: () => Write[] } {
  let seen: Write[] = []
  async function timed<T>(kind: Write['kind'], key: string, task: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await task()
    seen.push({ kind, key, began, ended: performance.now() })
    return result
  }
  return {
    storage: {
      get: store.get,
      keys: store.keys,
      set: (key, value) => timed('set', key, () => store.set(key, value)),
      update: (key, change) => timed('update', key, () => store.update(key, change)),
      delete: (key) => timed('delete', key, () => store.delete(key)),
    },
    writes() {
      const writes = seen
      seen = []
      return writes
    },
  }
}
