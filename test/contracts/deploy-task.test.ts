import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { network } from 'hardhat'
import { type Address, createPublicClient, createTestClient, http, parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { localChain } from '@teahouse/protocol/chain'
import { contractsAt } from '../../protocol/src/chain/index.ts'
import { deployLocal } from '../../scripts/contracts/deploy.ts'
import { deployTo } from '../../scripts/deploy/deploy.ts'
import type { DeployTaskOptions } from '../../scripts/deploy/options.ts'

const ROOT = join(import.meta.dirname, '../..')
/** A public chain, as far as the task can tell. */
const CHAIN_ID = 4_242

let server: Awaited<ReturnType<typeof network.createServer>>
let rpcUrl: string
let folder: string
let token: Address
const key = generatePrivateKey()
const deployer = privateKeyToAccount(key).address
const said: string[] = []

before(async () => {
  server = await network.createServer({ network: 'node', override: { chainId: CHAIN_ID } }, '127.0.0.1')
  const { address, port } = await server.listen()
  rpcUrl = `http://${address}:${port}`
  folder = await mkdtemp(join(tmpdir(), 'teahouse-deploy-task-'))
  process.env['TEST_NET_RPC_URL'] = rpcUrl
  process.env['TEST_NET_DEPLOYER_KEY'] = key
  token = (await deployLocal(rpcUrl)).Token
})

after(async () => {
  delete process.env['TEST_NET_RPC_URL']
  delete process.env['TEST_NET_DEPLOYER_KEY']
  await server.close()
  await rm(folder, { recursive: true })
})

const client = () => createPublicClient({ transport: http(rpcUrl) })

function deploy(options: Partial<DeployTaskOptions> = {}, confirm = () => Promise.resolve(true)) {
  const places = { root: ROOT, journals: join(folder, 'ignition'), records: join(folder, 'deployments') }
  const say = (line: string) => void said.push(line)
  const all: DeployTaskOptions = {
    network: 'test-net',
    parameters: undefined,
    given: { Token: token },
    name: undefined,
    dryRun: false,
    yes: false,
    ...options,
  }
  return deployTo(all, { places, say, confirm })
}

const withCode = (code: string) => (error: unknown) => (error as { code?: string }).code === code
const sent = () => client().getTransactionCount({ address: deployer })
const setBalance = (coins: string) =>
  createTestClient({ mode: 'hardhat', chain: localChain, transport: http(rpcUrl) }).setBalance({
    address: deployer,
    value: parseEther(coins),
  })

async function parameterFile(change: (text: string) => string): Promise<string> {
  const path = join(folder, `${Math.random()}.json5`)
  await writeFile(path, change(await readFile(join(ROOT, 'ignition/parameters/public.json5'), 'utf8')))
  return path
}

describe('a deployment to a network by name', () => {
  describe('when it must refuse, before anything is sent', () => {
    const refusals = [
      { given: 'no token', options: { given: {} }, code: 'NO_TOKEN' },
      { given: 'a token that is none', options: { given: { Token: deployer } }, code: 'NOT_A_CONTRACT' },
      { given: 'a network without a key', options: { network: 'nowhere' }, code: 'NO_NETWORK' },
      { given: 'a simulated network', options: { network: 'node' }, code: 'NO_NETWORK' },
      { given: 'a missing file', options: { parameters: '/nowhere.json5' }, code: 'BAD_PARAMETERS' },
      { given: 'a deployer without coins', options: {}, code: 'NOT_ENOUGH_COINS' },
    ]
    for (const { given, options, code } of refusals) {
      it(`with ${given}: ${code}`, async () => {
        await assert.rejects(deploy(options), withCode(code))
      })
    }

    const files = [
      {
        given: 'a parameter missing',
        change: (s: string) => s.replace(/channelThawSeconds.*/, ''),
        code: 'BAD_PARAMETERS',
      },
      {
        given: 'a misspelt one',
        change: (s: string) => s.replace('minimumStake', 'minimumStakes'),
        code: 'BAD_PARAMETERS',
      },
      { given: 'no JSON5', change: () => '{', code: 'BAD_PARAMETERS' },
      {
        given: 'an exit delay too short',
        change: (s: string) => s.replace('exitDelay: 86400', 'exitDelay: 60'),
        code: 'CONSTRUCTOR_REFUSED',
      },
    ]
    for (const { given, change, code } of files) {
      it(`with ${given} in the parameters: ${code}`, async () => {
        const parameters = await parameterFile(change)
        await assert.rejects(deploy({ parameters }), withCode(code))
      })
    }
  })

  it('shows the cost in a dry run, sends nothing, and sends nothing without consent', async () => {
    await setBalance('10')
    assert.equal(await deploy({ dryRun: true }), undefined)
    assert.match(said.join('\n'), /Parameter {2}membership\.term {2}180 days/)
    assert.match(said.join('\n'), /Parameter {2}minimumStake {2}100 TEA/)
    assert.match(said.join('\n'), /Cost {7}\d+ transactions, \d{7,} gas/)
    await assert.rejects(
      deploy({}, () => Promise.resolve(false)),
      withCode('NOT_CONFIRMED'),
    )
    assert.equal(await sent(), 0)
  })

  it('keeps what was deployed when it is interrupted, here by an empty purse', async () => {
    const runDry = async () => {
      await setBalance('0.012')
      return true
    }
    await assert.rejects(deploy({}, runDry), withCode('INTERRUPTED'))
    const partly = await sent()
    assert.ok(partly > 0, 'something was deployed')
    await setBalance('10')
  })

  it('goes on where it stopped, with the parameters of the file, and finds what stands there as compiled', async () => {
    const deployed = await deploy()
    assert.ok(deployed)
    assert.deepEqual(
      deployed.reports.flatMap(({ differences }) => differences),
      [],
    )
    assert.equal(deployed.file, join(folder, 'deployments', String(CHAIN_ID), `${deployed.record.id}.json`))
    const everything = [...Object.values(deployed.record.contracts), ...Object.values(deployed.record.parts)]
    assert.equal(await sent(), everything.filter(({ created }) => created).length, 'each was made once')
    assert.equal(deployed.record.contracts['Token']!.created, undefined)
    const addresses = Object.fromEntries(
      Object.entries(deployed.record.contracts).map(([name, { address }]) => [name, address]),
    ) as never
    const { MembershipRegistry } = contractsAt(addresses, client())
    assert.equal(await MembershipRegistry.read.term(), 15_552_000)
    assert.equal(await MembershipRegistry.read.token(), token)
  })

  it('does nothing twice: run again, it sends no transaction and writes the same record', async () => {
    const before = await sent()
    const again = await deploy()
    assert.equal(await sent(), before)
    assert.deepEqual(
      again?.reports.flatMap(({ differences }) => differences),
      [],
    )
  })

  it('makes a part again over the rest of an earlier one, and knows how that rest was made', async () => {
    const first = (await deploy())!.record
    const staking = first.contracts['OperatorStaking']!
    const second = await deploy({ given: { Token: token, OperatorStaking: staking.address }, name: 'second' })
    assert.ok(second)
    assert.notEqual(second.record.id, first.id)
    assert.deepEqual(second.record.contracts['OperatorStaking'], staking)
    assert.notEqual(second.record.contracts['Escrow']!.address, first.contracts['Escrow']!.address)
    assert.deepEqual(
      second.reports.flatMap(({ differences }) => differences),
      [],
    )
  })
})
