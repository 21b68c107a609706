import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { createWalletClient, hexToBytes, http, numberToHex, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { announceArgs, contractsAt, localChain } from '@teahouse/protocol/chain'
import type { MembershipRoots } from '@teahouse/protocol/rln'
import { member } from '../../nodes/src/member/index.ts'
import type { Follower } from '../../nodes/src/membership/follower.ts'
import { host, startHost } from '../../nodes/src/net/index.ts'
import { mined, type TestChain } from './chain.ts'
import { CLUSTER_ID, prepareNode } from './node.ts'
import { readLedger } from './rln.ts'

export interface FalseNodeOptions {
  /** What it makes of the true roots before it signs them; undefined withholds everything. */
  readonly roots: ((truth: MembershipRoots) => MembershipRoots) | undefined
}

/**
 * An operator with stake, a key and an announcement like any other, whose member service is not to be trusted: it
 * signs what it likes, or says nothing. It does nothing else. `stop()` it.
 */
export async function falseNode(chain: TestChain, { roots }: FalseNodeOptions) {
  const { folder, operatorId } = await prepareNode(chain)
  const privateKey = (await readFile(join(folder, 'node.key'), 'utf8')).trim() as Hex
  const account = privateKeyToAccount(privateKey)
  const net = await host({ listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] })({
    privateKey: hexToBytes(privateKey),
    topics: [],
  })
  await startHost(net)

  const known = new Map<Hex, MembershipRoots>()
  let ledger = await readLedger(chain)
  async function look(): Promise<MembershipRoots> {
    ledger = await readLedger(chain)
    const block = await chain.client.getBlock()
    const truth: MembershipRoots = {
      blockNumber: block.number,
      blockHash: block.hash,
      roots: ledger.roots().map((root) => numberToHex(root, { size: 32 })),
      ledgerHash: ledger.ledgerHash,
      memberCount: ledger.memberCount,
    }
    known.set(truth.blockHash, roots!(truth))
    return truth
  }
  let looking = true
  const loop = (async () => {
    while (looking && roots) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  const follower: Pick<Follower, 'state' | 'ledger' | 'rootsAfter'> = {
    state: roots ? 'ready' : 'behind',
    get ledger() {
      return ledger
    },
    rootsAfter: (hash) => (hash === undefined ? [...known.values()].at(-1) : known.get(hash)),
  }
  const service = member()({
    net,
    account,
    chainId: chain.chainId,
    registry: chain.contracts.MembershipRegistry,
    follower,
    store: { *after() {}, base: undefined, last: () => undefined },
    files: { list: () => [], chunk: () => new Uint8Array(0) },
    charge: () => Promise.resolve({ ok: true }),
    log: pino({ level: 'silent' }),
  })
  await service.start()

  const wallet = createWalletClient({ account, chain: localChain, transport: http(chain.rpcUrl) })
  const { ServiceRegistry } = contractsAt(chain.contracts, { public: chain.client, wallet })
  const record = {
    operatorId,
    peerId: net.peerId.toMultihash().bytes,
    multiaddrs: net.getMultiaddrs().map((address) => address.toString().replace(/\/p2p\/[^/]+$/, '')),
    services: 1,
    clusterId: CLUSTER_ID,
    priceHint: 0n,
  }
  await mined(chain, ServiceRegistry.write.announce(announceArgs(record)))

  return {
    operatorId,
    node: account.address,
    async stop() {
      looking = false
      await loop
      await service.stop()
      await net.stop()
    },
  }
}
