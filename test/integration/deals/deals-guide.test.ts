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
