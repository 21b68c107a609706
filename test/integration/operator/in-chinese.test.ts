import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse, type RunOptions } from '../../../cli/src/testing/teahouse.ts'
import { CLUSTER_ID, ROOT, SHARDS, startChain, until, type TestChain } from '../../support/index.ts'
import { englishIn } from '../../support/english.ts'
import { consecutivePorts } from '../../support/guide.ts'

const THAW_SECONDS = 300

let chain: TestChain
let home: string
let running: ChildProcess | undefined
let output = ''

beforeAll(async () => {
  chain = await startChain()
  home = await mkdtemp(join(tmpdir(), 'teahouse-zh-'))
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  await writeFile(join(home, 'local.json'), JSON.stringify(network))
  await writeFile(join(home, 'pass'), 'a long passphrase')
})
afterAll(async () => {
  running?.kill('SIGKILL')
  await chain?.stop()
})

const env = { TEAHOUSE_LANG: 'zh', TEAHOUSE_NODE_PASSPHRASE_FILE: 'pass', TEAHOUSE_NODE_DIR: 'node' }

/** Runs it with Chinese; all that it printed, in which there is no English. */
async function teahouse(args: readonly string[], options: RunOptions & { code?: number } = {}) {
  const { code: wanted = 0, ...more } = options
  const { code, stdout, stderr } = await runTeahouse(home, args, { ...more, env: { ...env, ...more.env } })
  const all = stdout + stderr
  expect(code, all).toBe(wanted)
  expect(englishIn(all), all).toEqual([])
  return all
}

describe('an operator who reads Chinese', () => {
  it('is asked for everything in it', async () => {
    const [port, , apiPort] = await consecutivePorts()
    await runTeahouse(home, ['account', 'new', '--no-passphrase']) // prints twelve English words
    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return question.includes('每时段') ? '10' : ''
    }
    const init = ['node', 'init', '--port', String(port), '--api-port', String(apiPort)]
    await teahouse(init, { ask })
    expect(questions).toHaveLength(5)
    for (const question of questions) {
      expect(question).toMatch(/\p{Script=Han}/u)
      expect(englishIn(question)).toEqual([])
    }
    expect(await readFile(join(home, 'node/operator.json'), 'utf8')).toContain('"payee"')
  })

  it('reads in it what is wrong and what to do, before and while the node runs', async () => {
    expect(await teahouse(['node', 'doctor'], { code: 1 })).toMatch(/有误.*\n.*teahouse node stake 数量/)
    expect(await teahouse(['node', 'status'])).toMatch(/还剩　　质押|还剩　　报价/)
    await teahouse(['node', 'plan'])
    expect(await teahouse(['node', 'stake', '150', '--yes'])).toContain('完成：创建运营者')
    await teahouse(['node', 'register', '--yes'])
    const main = join(ROOT, 'cli/bin/teahouse.mjs')
    running = spawn(process.execPath, [main, 'node', 'run'], {
      cwd: home,
      env: { ...process.env, ...env, TEAHOUSE_HOME: home, TEAHOUSE_CHAIN__POLL_MS: '250' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [running.stdout!, running.stderr!])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await until(
      'the node is up',
      async () => {
        const { stdout } = await runTeahouse(home, ['node', 'status', '--json'], { env })
        return stdout.includes('"ready"')
      },
      60_000,
      500,
    ).catch((error: unknown) => {
      throw new Error(output, { cause: error })
    })
    const found = await teahouse(['node', 'doctor'], { code: 1 })
    expect(found).toContain('节点没有连上任何节点')
    expect(await teahouse(['node', 'status'])).toMatch(/还剩　　燃料.*节点还没有发送过/)
  })

  it('is told in it what comes back, by every way out', async () => {
    await teahouse(['node', 'unstake', '20', '--yes'])
    expect(await teahouse(['exit'])).toMatch(
      /现在　OperatorStaking：运营者 1 服务 0 的质押，130 个代币：开始解冻/,
    )
    await chain.control.increaseTime({ seconds: THAW_SECONDS })
    await chain.control.mine({ blocks: 1 })
    expect(await teahouse(['node', 'withdraw', '--yes'])).toContain('完成：取走质押')
    expect(await teahouse(['exit', '--yes'])).toMatch(/以后　/)
  })

  it('gives a program the same JSON as ever', async () => {
    const { stdout } = await runTeahouse(home, ['node', 'doctor', '--json'], { env })
    const { checks } = JSON.parse(stdout) as { checks: { name: string; found: string }[] }
    expect(checks.find(({ name }) => name === 'key')?.found).toBe('readable by its owner only')
    const status = await runTeahouse(home, ['node', 'status', '--json'], { env })
    const { daysLeft } = JSON.parse(status.stdout) as { daysLeft: { certificate: { because: string } } }
    expect(daysLeft.certificate.because).toBe('no certificate is configured')
    const exit = await runTeahouse(home, ['exit', '--json'], { env })
    expect(exit.stdout).toContain('"what":"stake of operator 1 for service 0"')
  })
})
