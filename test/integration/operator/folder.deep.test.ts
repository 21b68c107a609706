import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consecutivePorts, guideShell, type GuideShell } from '../../support/guide.ts'
import {
  CLUSTER_ID,
  prepareNode,
  SHARDS,
  spawnNode,
  startChain,
  until,
  type NodeInfoJson,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

let chain: TestChain
let other: NodeProcess
let shell: GuideShell
let apiUrl: string

async function run(commands: string): Promise<string> {
  const { code, output } = await shell.run(commands)
  expect(code, `${commands}\n${output}`).toBe(0)
  return output
}

const START = `teahouse node run > node.log 2>&1 & echo $! > node.pid`
/** The node, up and in good health. */
async function start(): Promise<NodeInfoJson> {
  await run(START)
  const get = async (path: string) => (await fetch(`${apiUrl}${path}`)).json()
  await until(
    'the node is ready',
    async () => ((await get('/health')) as { status: string }).status === 'ok',
    60_000,
  ).catch(async (cause: unknown) => {
    throw new Error(await readFile(join(shell.folder, 'node.log'), 'utf8'), { cause })
  })
  return (await get('/info')) as NodeInfoJson
}
const stop = () =>
  run('kill $(cat node.pid); while kill -0 $(cat node.pid) 2>/dev/null; do sleep 0.1; done; : > node.pid')

beforeAll(async () => {
  chain = await startChain()
  other = await spawnNode(await prepareNode(chain))
  const [port, , apiPort] = await consecutivePorts()
  apiUrl = `http://127.0.0.1:${apiPort}`
  const ports = `[ "$1 $2" = "node init" ] && set -- "$@" --port ${port} --api-port ${apiPort}`
  const env = {
    TEAHOUSE_CHAIN__POLL_MS: '250',
    TEAHOUSE_DISCOVERY__INTERVAL_MS: '500',
    TEAHOUSE_HOME: 'home',
  }
  shell = await guideShell(env, ports)
  await run('mkdir home')
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  await run(`cat > home/local.json <<'END'\n${JSON.stringify(network)}\nEND`)
  await run(
    [
      'teahouse account new --account operator',
      'export TEAHOUSE_ACCOUNT=operator',
      '(umask 077 && head -c 24 /dev/urandom | base64 > node.pass)',
      'export TEAHOUSE_NODE_PASSPHRASE_FILE=$PWD/node.pass',
      'export TEAHOUSE_NODE_DIR=$PWD/node',
      'teahouse node init --host 127.0.0.1 --profile full --rate-limit 10',
      'teahouse node stake 150 --yes',
      'teahouse node register --yes',
    ].join('\n'),
  )
}, 180_000)

afterAll(async () => {
  await shell?.run('[ ! -s node.pid ] || kill -9 $(cat node.pid) || true')
  await shell?.stop()
  await other?.kill()
  await chain?.stop()
})

/** Until then the doctor finds a node that reaches nobody. */
const untilConnected = ({ peerId }: NodeInfoJson) =>
  until('it is connected with the other node', async () => (await other.info()).peers.includes(peerId))

const onChain = (id: number) => chain.at.OperatorStaking.read.operator([id])

describe('an operator’s folder, on a real chain', { timeout: 180_000 }, () => {
  let info: NodeInfoJson

  it('gets another payee, which the chain names and the node offers', async () => {
    info = await start()
    const payee: Address = privateKeyToAccount(generatePrivateKey()).address
    const whileUp = await shell.run(`teahouse node rotate payee ${payee} --yes`)
    expect(whileUp.code).not.toBe(0)
    expect((await onChain(info.operator.id)).payee).toBe(info.operator.payee)

    await stop()
    const before = await onChain(info.operator.id)
    expect(await run(`teahouse node rotate payee ${payee} --yes`)).toContain(payee)
    expect(await onChain(info.operator.id)).toEqual({ ...before, payee })
    expect(await run(`teahouse node rotate payee ${payee} --yes`)).toContain(payee) // again does nothing

    const after = await start()
    expect(after.operator).toEqual({ ...info.operator, payee })
    await untilConnected(after)
    expect(await run('teahouse node doctor')).toMatch(/ok {5}keys/)
    info = after
  })

  it('starts from a backup as the same node, where the old folder is gone', async () => {
    await stop()
    await run('teahouse node backup node.backup')
    await rename(join(shell.folder, 'node'), join(shell.folder, 'gone'))
    await run('teahouse node restore node.backup --adopt')
    const restored = await start()
    expect(restored).toMatchObject({ peerId: info.peerId, operator: info.operator })
    await untilConnected(restored)
    expect(await run('teahouse node doctor')).toMatch(/ok {5}keys/)
  })

  it('does not start with its membership from a backup that was not to adopt it', async () => {
    await stop()
    await rename(join(shell.folder, 'node'), join(shell.folder, 'gone-too'))
    await run('teahouse node restore node.backup')
    const { code, output } = await shell.run('teahouse node run')
    expect(code).not.toBe(0)
    expect(output).toContain('Two nodes that use one membership lose its deposit')
  })
})
