import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guideBlocks, guideShell, type GuideShell } from '../../support/guide.ts'
import { ROOT } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const GUIDE = 'docs/deals.md'
const blocks = await guideBlocks(GUIDE)
const EXAMPLES = ['market', 'insurance', 'deposit']

let net: TestNetwork
let shell: GuideShell
let examples: Promise<{ code: number | null; output: string }>

beforeAll(async () => {
  net = await startNetwork({ nodes: [{}], evaluators: true })
  shell = await guideShell({})
  await shell.run('mkdir home\nexport TEAHOUSE_HOME="$PWD/home"')
  await writeFile(join(shell.folder, 'home/local.json'), JSON.stringify(net.network))
  examples = testExamples()
})

afterAll(async () => {
  await shell?.stop()
  await net?.stop()
})

/** All in one process, one after another: each moves the clock of the chain. */
function testExamples() {
  const files = EXAMPLES.map((name) => join(ROOT, 'examples', name, 'test.ts'))
  const child = spawn(process.execPath, ['--test', '--test-isolation=none', ...files], {
    env: { ...process.env, TEAHOUSE_HOME: join(shell.folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** Runs the block under this heading, the first one that has not been run; what it printed. */
let next = 0
async function follow(heading: string): Promise<string> {
  const block = blocks[next++]!
  expect(block.heading).toBe(heading)
  const { code, output } = await shell.run(block.commands)
  expect(code, `${heading}:\n${output}`).toBe(0)
  return output
}

/** How the deals in the escrow ended so far, in the order of their ends: outcome, to the payer, the payee, the arbiter. */
async function ends() {
  const closed = await net.chain.at.Escrow.getEvents.DealClosed({}, { fromBlock: 0n })
  const mine = await Promise.all(['DEAL', 'TEA', 'CUP', 'SAUCER'].map((name) => shell.run(`echo "$${name}"`)))
  return mine.map(({ output }) => {
    const found = closed.find(({ args }) => args.deal === output.trim())?.args
    return found && [found.outcome, found.toPayer, found.toPayee, found.toArbiter]
  })
}

/** IEscrow.Outcome */
const [RELEASED, REFUNDED, SETTLED, RULED] = [0, 1, 2, 3]

describe('docs/deals.md, followed', { timeout: 120_000 }, () => {
  it('says the same sentence to both, and ends deals as it says', async () => {
    await follow('Three people')
    const offered = await follow('An offer, and what it says')
    const [sentence] = offered.split('\n')
    expect(sentence).toMatch(/^The payer 0x.* locks 20 .* for “a teapot”/)
    const accepted = await follow('Accept, fund, release')
    expect(accepted.split(sentence!.slice(1, -1))).toHaveLength(4) // by accept, fund and status
    expect(accepted).toMatch(/About [\d,]+ gas, at most 0\.\d+ coins/)
    expect(accepted).toMatch(/release: payer/)
    await follow('Without coins')
    await follow('When it goes wrong')
    await follow('When it goes wrong')
    expect(await ends()).toEqual([
      [RELEASED, 0n, 20_000_000n, 0n],
      [REFUNDED, 3_000_000n, 0n, 0n],
      [RULED, 4_000_000n, 3_000_000n, 1_000_000n],
      [SETTLED, 3_000_000n, 1_000_000n, 0n],
    ])
  })

  it('spends no coins of who has a node send it', async () => {
    const tea = (await shell.run('echo "$TEA"')).output.trim() as `0x${string}`
    const { at, client } = net.chain
    const [funded] = await at.Escrow.getEvents.DealFunded({ deal: tea }, { fromBlock: 0n })
    const { from } = await client.getTransaction({ hash: funded!.transactionHash })
    expect(from).not.toBe(funded!.args.payer)
  })

  it('has a ride paid by the code that only the passenger was told', async () => {
    const output = await follow('A ride, judged by a contract')
    expect(output).toMatch(/Code {5}0x[0-9a-f]{64}/)
    expect(output).toMatch(/Judged in 0x/)
  })

  it('and the examples pass their own tests', async () => {
    const { code, output } = await examples
    expect(code, output).toBe(0)
    expect(output).toMatch(/pass 1[0-9]/)
  })

  it('makes a mini-app that runs and whose tests pass, in fewer than ten commands', async () => {
    const began = performance.now()
    const output = await follow('A mini-app of your own')
    expect(output).toMatch(/evaluated: 10 to the driver/)
    expect(output).toMatch(/evaluated: 2 to the driver, 8 back/)
    expect(output).toMatch(/pass 9/)
    expect(next).toBe(blocks.length)
    expect(blocks.at(-1).commands.trim().split('\n').length).toBeLessThan(10)
    expect(performance.now() - began).toBeLessThan(300_000)
  })
})

describe('in Chinese', { timeout: 120_000 }, () => {
  /** Addresses, ids, links, times and what a person types are the same in every language. */
  const SAME =
    /0x[0-9a-f]+|teahouse:\S+|teahouse(?: [a-z.]+)+|\S+\.json|--[a-z-]+|\/\S+|\d{4}-\d\d-\d\dT[\d:.]+Z|UTC|TEA|（[a-z]+(?: --[a-z]+)?）/gi

  async function said(commands: string): Promise<string> {
    const { code, output } = await shell.run(commands)
    expect(code, output).toBe(0)
    return output
  }

  it('says no step, state or deadline of a deal in English', async () => {
    const output = await said(`
      zh() { teahouse deal "$@" --lang zh-Hans; }
      zh offer --account alice --payee $BOB --arbiter $CAROL --arbiter-fee 1 --bond 1 --collateral 2 --amount 8 --for 一把壶 --out zh.json
      export ZH=$(grep -o '"deal":"0x[0-9a-f]*' zh.json | cut -d '"' -f 4)
      zh accept zh.json --account bob --out zh-accepted.json --yes
      zh fund zh-accepted.json --account alice --yes
      zh status $ZH --account bob
      zh release $ZH --part 1 --account alice --yes
      zh dispute $ZH --account bob --yes
      zh status $ZH --account alice
      zh answer $ZH --account alice --yes
      zh status $ZH --account carol
      zh settle $ZH 3 --account bob --yes
      zh rule $ZH 2 --account carol --yes
      zh status $ZH --account carol
      zh open --account alice --payee $BOB --arbiter $CAROL --amount 1 --yes
      zh status --account alice`)
    expect(output).toContain('状态')
    expect(output.split('\n').filter((line) => /[a-z]{2}/i.test(line.replace(SAME, '')))).toEqual([])
  })

  it('refuses a step in Chinese, too', async () => {
    const early = await shell.run('teahouse deal rule $ZH 2 --account carol --yes --lang zh-Hans')
    expect(early.code).toBe(1)
    expect(early.output).toMatch(/^错误：交易的状态是“已了结”，现在不能这样做$/m)
    const stranger = await shell.run('teahouse deal release $ZH --account bob --yes --lang zh-Hans')
    expect(stranger.output).toMatch(/^错误：只有交易的付款方可以这样做$/m)
  })
})

describe('when it must refuse', () => {
  const refused = async (command: string) => {
    const { code, output } = await shell.run(command)
    expect(code).not.toBe(0)
    return output
  }

  it.each([
    [
      'an offer of which one letter is another',
      'sed s/2/3/ ../offer.json > x.json; teahouse deal accept x.json',
      'offer',
    ],
    ['a step without a yes', 'teahouse deal fund ../offer.json --account alice', 'Nothing was sent'],
    ['somebody else to sign', 'teahouse deal accept ../offer.json --account carol --yes', 'for other people'],
    ['a wrong code', 'teahouse deal deliver ../ride.json --code 0x' + '11'.repeat(32) + ' --yes', 'code'],
    ['a project over another one', 'teahouse app new ../my-cab --template market', 'there already'],
    ['a kind of project that there is not', 'teahouse app new other --template bank', 'bank'],
    ['to run what is no project', 'teahouse app run home', 'main.ts'],
  ])('given %s', async (_, command, says) => {
    await shell.run('mkdir -p refusing')
    expect(await refused(`cd refusing\nexport TEAHOUSE_ACCOUNT=alice\n${command}`)).toContain(says)
  })
})
