import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPublicClient,
  createWalletClient,
  http,
  parseEther,
  type Address,
  type PublicClient,
} from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountFromPhrase, createAccount } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { contractsAt, readServices, type LocalNetwork, localChain } from '@teahouse/protocol/chain'
import { readRecord } from '../../../scripts/deploy/record.ts'
import { nodeInfo } from '../../../scripts/start/node-api.ts'
import { LETTER_TOPIC } from '../../../scripts/start/parameters.ts'
import { isAlive } from '../../../scripts/start/process-group.ts'
import { moneyTests } from './money.ts'
import { CHILDREN, childrenOf, kill, npmScript, startRun, teahouse, teahouseJson, type Run } from './run.ts'

const LETTER = `A letter of ${process.pid}, 茶, and an emoji 🍵\n`
const UP = 'The network stays up until Ctrl-C'

/** Everything here is asked of the chain, of the nodes and of a stranger's client; never of the runner's own words. */
describe('npm start', () => {
  let run: Run
  let network: LocalNetwork
  let chain: PublicClient
  let at: ReturnType<typeof contractsAt<PublicClient>>

  beforeAll(async () => {
    run = await startRun([], { stdin: LETTER })
    await run.until('\n5  ')
    await kill(run, 2) // a relay and store, in the middle: the letter is in, Mallory is not yet slashed
    await run.until(UP)
    network = await run.network()
    chain = createPublicClient({ transport: http(network.rpcUrl) })
    at = contractsAt(network.contracts, chain)
  }, 180_000)

  afterAll(async () => {
    run.signal('SIGINT')
    await run.ended
    await rm(run.home, { recursive: true, force: true })
  }, 60_000)

  it('has deployed every contract', async () => {
    for (const address of Object.values(network.contracts))
      expect(await chain.getCode({ address })).toMatch(/^0x6/)
  })

  it('has three nodes with keys, stake and registration of their own, which know each other', async () => {
    const services = await readServices(chain, network.contracts.ServiceRegistry, {
      clusterId: network.clusterId,
    })
    expect(services.map(({ operatorId }) => operatorId).sort()).toEqual([1, 2, 3])
    const infos = await Promise.all(network.nodes.map(({ apiUrl }) => nodeInfo(apiUrl)))
    for (const [i, info] of infos.entries()) {
      const { node, owner, payee, staked } = await at.OperatorStaking.read.operator([info.operator.id])
      expect(info.operator.node).toBe(node)
      expect(new Set([node, owner, payee]).size).toBe(3)
      expect(staked).toBeGreaterThanOrEqual(await at.OperatorStaking.read.minimumStake())
      const others = network.nodes.filter((_, j) => j !== i).map(({ peerId }) => peerId)
      expect(info.peers).toEqual(expect.arrayContaining(others))
    }
    expect(new Set(infos.map(({ peerId }) => peerId)).size).toBe(3)
  })

  it('keeps no list of the other nodes in the configuration of any node', async () => {
    for (const { operator } of network.nodes) {
      const config = await readFile(join(run.home, `nodes/${operator}/config.json`), 'utf8')
      for (const { peerId, operator: other } of network.nodes) {
        if (other !== operator) expect(config).not.toContain(peerId)
      }
    }
  })

  it('has registered the people and the nodes as members, and all nodes have the same tree', async () => {
    const registered = await at.MembershipRegistry.getEvents.MemberRegistered({}, { fromBlock: 0n })
    expect(registered).toHaveLength(6)
    const infos = await Promise.all(network.nodes.map(({ apiUrl }) => nodeInfo(apiUrl)))
    expect(infos.map(({ chain: { members } }) => members)).toEqual([6, 6, 6])
    expect(new Set(infos.map(({ chain: { root } }) => root)).size).toBe(1)
  })

  describe('leaves on chain', () => moneyTests(() => ({ run, network, chain, at })))

  it('has the letter, byte for byte, in every store: also in that of the node that was killed', async () => {
    const stranger = createAccount()
    const client = await nodeClient({ network, account: stranger, dir: join(run.home, 'stranger') })
    const letters = async (node: number, pay: boolean) => {
      const { messages } = await client.history({ contentTopic: LETTER_TOPIC, node, pay })
      return messages.map(({ payload }) => new TextDecoder().decode(payload))
    }
    try {
      expect(await letters(1, false)).toEqual([LETTER])
      expect(await letters(2, false)).toEqual([LETTER])
      await expect(letters(3, false)).rejects.toMatchObject({ detail: { code: 'TOO_MANY_REQUESTS' } })
      await fundStranger(network, stranger.address)
      expect(await letters(3, true)).toEqual([LETTER])
    } finally {
      await client.stop()
    }
  })

  it('has started the killed node again, and it is as good as the others', async () => {
    expect((await childrenOf(run)).length).toBeGreaterThan(CHILDREN)
    const infos = await Promise.all(network.nodes.map(({ apiUrl }) => nodeInfo(apiUrl)))
    expect(new Set(infos.map(({ chain }) => chain.root)).size).toBe(1)
    expect(infos[1]?.peerId).toBe(network.nodes[1]?.peerId)
  })

  describe('from another terminal', () => {
    const TOPIC = '/my-table/1/chat/utf8'

    it('refuses a second npm start with exit code 2, and says so', async () => {
      const second = await startRun([], { home: run.home })
      const { stderr, ended } = await second.ended
      expect({ ended, stderr }).toEqual({ ended: 2, stderr: expect.stringContaining('already runs') })
    })

    it('lets a newcomer join, send, read and look at the nodes', async () => {
      const made = await teahouseJson(run, 'account', 'new')
      expect(accountFromPhrase(made['phrase'] as string).address).toBe(made['address'])
      await teahouseJson(run, 'membership', 'join')
      const listening = teahouseJson(run, 'listen', TOPIC, '--count', '1', '--timeout', '90s')
      await sleep(3_000)
      await teahouseJson(run, 'send', TOPIC, 'Hello')
      expect(await listening).toMatchObject({ text: 'Hello' })
      expect(await teahouseJson(run, 'history', TOPIC, '--node', '2')).toMatchObject({
        messages: [{ text: 'Hello' }],
      })
      expect((await teahouseJson(run, 'node', 'status'))['nodes']).toHaveLength(3)
    }, 120_000)

    it('understands every command of the README, as it stands there', async () => {
      const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
      const lines = [...readme.matchAll(/^npx teahouse ([^#\n]+)/gm)].map(([, line]) => line!.trim())
      expect(lines.length).toBeGreaterThan(4)
      for (const line of lines.filter((line) => !line.startsWith('listen'))) {
        const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
        const account = line.includes('--help') ? [] : ['--account', 'reader']
        const { ended, stderr } = await teahouse(run, ...args, ...account)
        expect({ line, ended, stderr: ended === 0 ? '' : stderr }).toEqual({ line, ended: 0, stderr: '' })
      }
    }, 120_000)

    it('lets two people pay and close a deal', async () => {
      const bob = await teahouseJson(run, 'account', 'new', '--account', 'bob')
      const carol = await teahouseJson(run, 'account', 'new', '--account', 'carol')
      await teahouseJson(run, 'pay', bob['address'] as string, '1.5')
      const terms = ['--payee', bob['address'], '--arbiter', carol['address'], '--amount', '2'] as string[]
      const { deal } = await teahouseJson(run, 'deal', 'open', ...terms, '--yes')
      await teahouseJson(run, 'deal', 'release', deal as string, '--yes')
      expect(await teahouseJson(run, 'deal', 'status', deal as string)).toMatchObject({ state: 'closed' })
      const before = 1_000_000_000n
      expect(
        BigInt((await teahouseJson(run, 'account', 'show', '--account', 'bob'))['tokens'] as string),
      ).toBe(before + 3_500_000n)
    }, 60_000)

    it('finds the deployment as it is compiled, by npm run deployments:check', async () => {
      const { ended, stdout, stderr } = await npmScript(run, 'deployments:check')
      expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' })
      for (const address of Object.values(network.contracts)) expect(stdout).toMatch(`${address}  `)
      expect(stdout).toMatch(/\n\d+ contracts, all as compiled here\n$/)
    }, 120_000)

    it('is told by npm run deployments:check what is not as recorded', async () => {
      const record = await readRecord(join(run.home, 'deployment.json'))
      const escrow = record.contracts['Escrow']!
      const codeHash = `0x${'12'.repeat(32)}` as const
      const contracts = { ...record.contracts, Escrow: { ...escrow, codeHash } }
      const file = join(run.home, 'altered.json')
      await writeFile(file, JSON.stringify({ ...record, contracts }))
      const { ended, stdout } = await npmScript(run, 'deployments:check', '--file', file)
      expect(ended).toBe(1)
      const differing = stdout.split('\n').filter((line) => line.startsWith('DIFFERS'))
      expect(differing).toEqual([expect.stringMatching(/^DIFFERS Escrow /)])
      expect(stdout).toContain(`the hash of the code is ${escrow.codeHash}, recorded is ${codeHash}`)
    }, 120_000)

    it('explains an unknown flag and exits 2', async () => {
      const { ended, stderr } = await teahouse(run, 'membership', 'join', '--rate-limt', '3')
      expect(ended).toBe(2)
      expect(stderr).toContain('--rate-limit')
    })
  })

  it('stops cleanly on Ctrl-C: no process, no local.json, no lock', async () => {
    const pids = await childrenOf(run)
    run.signal('SIGINT')
    expect((await run.ended).ended).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(existsSync(join(run.home, 'local.json'))).toBe(false)
    expect(existsSync(join(run.home, 'start.lock'))).toBe(false)
  }, 60_000)
})

/** Coins and tokens from the local network's faucet: hardhat's first account. */
async function fundStranger(network: LocalNetwork, to: Address): Promise<void> {
  const account = mnemonicToAccount('test test test test test test test test test test test junk')
  const wallet = createWalletClient({ account, chain: localChain, transport: http(network.rpcUrl) })
  await wallet.sendTransaction({ to, value: parseEther('1') })
  await contractsAt(network.contracts, wallet).Token.write.mint([to, 10_000_000n])
}
