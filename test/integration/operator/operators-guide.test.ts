import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../support/index.ts'
import {
  CLUSTER_ID,
  prepareNode,
  SHARDS,
  spawnNode,
  startChain,
  TEA,
  type TestChain,
} from '../../support/index.ts'
import { consecutivePorts, guideBlocks, guideShell, type GuideShell } from '../../support/guide.ts'

const GUIDE = 'docs/operators.md'
const FAST = { settleEveryMs: 500 }
const blocks = await guideBlocks(GUIDE)
const THAW_SECONDS = 300

let chain: TestChain
let other: NodeProcess
let shell: GuideShell

beforeAll(async () => {
  chain = await startChain()
  other = await spawnNode(await prepareNode(chain))
  const [port, , apiPort] = await consecutivePorts()
  const ports = `[ "$1 $2" = "node init" ] && set -- "$@" --port ${port} --api-port ${apiPort}`
  const env = {
    TEAHOUSE_CHAIN__POLL_MS: '250',
    TEAHOUSE_DISCOVERY__INTERVAL_MS: '500',
    TEAHOUSE_PAYMENTS__SETTLE_EVERY_MS: String(FAST.settleEveryMs),
  }
  shell = await guideShell({ ...env, TEAHOUSE_HOME: 'home' }, ports)
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  await shell.run('mkdir home')
  await writeFile(join(shell.folder, 'home/local.json'), JSON.stringify(network))
})

afterAll(async () => {
  await shell?.run('[ ! -s node.pid ] || kill -9 $(cat node.pid) || true')
  await shell?.stop()
  await other?.kill()
  await chain?.stop()
})

/** Runs the blocks of the guide up to the one that has this command; what that one printed. */
let next = 0
async function follow(command: string): Promise<string> {
  for (;;) {
    const { heading, commands } = blocks[next++]!
    const { code, output } = await shell.run(commands.replaceAll(/ &$/gm, ' & echo $! > node.pid'))
    expect(code, `${heading}:\n${output}`).toBe(0)
    if (commands.includes(command)) return output
  }
}

describe('docs/operators.zh-CN.md', () => {
  it('has the same commands', async () => {
    const commands = (found: typeof blocks) => found.map((block) => block.commands)
    expect(commands(await guideBlocks('docs/operators.zh-CN.md'))).toEqual(commands(blocks))
  })
})

describe('docs/operators.md, followed', { timeout: 120_000 }, () => {
  it('makes a folder with an encrypted key, and says what it will cost', async () => {
    await follow('node init')
    const { mode } = await stat(join(shell.folder, 'node/node.key.json'))
    expect(mode & 0o077).toBe(0)
    const key = JSON.parse(await readFile(join(shell.folder, 'node/node.key.json'), 'utf8')) as object
    expect(key).toMatchObject({ version: 3, crypto: { kdf: 'scrypt', kdfparams: { n: 131_072 } } })
    const plan = await follow('node plan')
    expect(plan).toMatch(/At worst .* are lost/)
    expect(plan).toContain('"payments.coinValue": "2500000000"')
  })

  it('stakes, registers, runs and is found in good health', async () => {
    await follow('node register')
    const output = await follow('node doctor')
    expect(output).toMatch(/ok {5}announced {2}on chain/)
    expect(output).toMatch(/ok {5}reachable {2}16Uiu2HA\w+ dialled \/ip4\/127\.0\.0\.1\/tcp\//)
  })

  it('earns: by vouchers, and by the fees of a member', async () => {
    const output = await follow('node withdraw')
    expect(output).toMatch(/Earned {3}0\.001 tokens/)
    expect(output).toMatch(/done: claim the fees/)
  })

  it('gets another node key, and serves on under it', async () => {
    const before = await operatorFile()
    const output = await follow('node rotate node')
    expect(output).toMatch(/All vouchers are collected/)
    expect(output).toMatch(/done: send the coins of the old node key/)
    const after = await operatorFile()
    expect(after.node).not.toBe(before.node)
    expect(after).not.toHaveProperty('rotation')
    const id = await chain.at.OperatorStaking.read.operatorOf([after.node])
    expect(await chain.at.OperatorStaking.read.operator([id])).toMatchObject({
      ...before,
      node: after.node,
      staked: 150n * TEA,
    })
  })

  it('leaves with everything', async () => {
    await follow('node unstake')
    await chain.control.increaseTime({ seconds: THAW_SECONDS })
    await chain.control.mine({ blocks: 1 })
    const before = await ownerTokens()
    await follow('node withdraw')
    expect((await ownerTokens()) - before).toBe(150n * TEA)
    expect(next).toBe(blocks.length)
  })
})

/** What the commands know of the operator, without what is no key. */
async function operatorFile() {
  const text = await readFile(join(shell.folder, 'node/operator.json'), 'utf8')
  const {
    version: _,
    peerId: __,
    ...keys
  } = JSON.parse(text) as Record<'owner' | 'node' | 'payee', Address> & Record<string, unknown>
  return keys
}

const ownerTokens = async () => chain.at.Token.read.balanceOf([(await operatorFile()).owner])
