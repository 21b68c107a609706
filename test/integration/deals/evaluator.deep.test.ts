import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLUSTER_ID, ROOT, SHARDS, startChain, type TestChain } from '../../support/index.ts'

let chain: TestChain
beforeAll(async () => {
  chain = await startChain()
})
afterAll(() => chain?.stop())

it('examples/evaluator is compiled, deployed and attacked over the wire, and holds', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'teahouse-evaluator-')), 'local.json')
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  await writeFile(file, JSON.stringify(network))
  const child = spawn(process.execPath, [join(ROOT, 'examples/evaluator/main.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  expect(await text(child.stdout)).toMatch(/^changes …\n(\w+ …\n)+It holds\.\n$/)
  expect(await ended).toBe(0)
})
