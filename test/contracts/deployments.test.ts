import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import hre, { network } from 'hardhat'
import { type Address, createPublicClient, createTestClient, type Hex, http } from 'viem'
import { localChain } from '@teahouse/protocol/chain'
import type { DeploymentRecord } from '../../protocol/src/chain/deployments/index.ts'
import { deployLocal } from '../../scripts/contracts/deploy.ts'
import { readRecord } from '../../scripts/deploy/record.ts'
import { checkDeployment } from '../../scripts/deployments/check.ts'
import { reportLines } from '../../scripts/deployments/report.ts'

type Server = Awaited<ReturnType<typeof network.createServer>>

let server: Server
let rpcUrl: string
let folder: string
let record: DeploymentRecord

before(async () => {
  server = await network.createServer('node', '127.0.0.1')
  const { address, port } = await server.listen()
  rpcUrl = `http://${address}:${port}`
  folder = await mkdtemp(join(tmpdir(), 'teahouse-deployments-'))
  const file = join(folder, 'deployment.json')
  await deployLocal(rpcUrl, { record: file })
  record = await readRecord(file)
})

after(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const client = () => createPublicClient({ transport: http(rpcUrl) })

/** The differences by contract; one that is as it must be is left out. */
async function check(changed: DeploymentRecord = record): Promise<Record<string, readonly string[]>> {
  const reports = await checkDeployment({ hre, client: client(), record: changed })
  const wrong = reports.filter(({ differences }) => differences.length > 0)
  assert.equal(reportLines(reports).ok, wrong.length === 0)
  return Object.fromEntries(wrong.map(({ name, differences }) => [name, differences]))
}

/** Checks while the code at `address` is another, and puts the old back. */
async function checkWithCode(address: Address, change: (code: Hex) => Hex) {
  const test = createTestClient({ mode: 'hardhat', chain: localChain, transport: http(rpcUrl) })
  const code = (await client().getCode({ address }))!
  await test.setCode({ address, bytecode: change(code) })
  try {
    return await check()
  } finally {
    await test.setCode({ address, bytecode: code })
  }
}

const withArgs = (
  name: string,
  args: NonNullable<DeploymentRecord['contracts'][string]['created']>['args'],
) => {
  const contract = record.contracts[name]!
  const contracts = { ...record.contracts, [name]: { ...contract, created: { ...contract.created!, args } } }
  return { ...record, contracts }
}

/** `code` with one byte flipped, the one at `at`. */
function flip(code: Hex, at: number): Hex {
  const byte = Number.parseInt(code.slice(2 + at * 2, 4 + at * 2), 16) ^ 1
  return `0x${code.slice(2, 2 + at * 2)}${byte.toString(16).padStart(2, '0')}${code.slice(4 + at * 2)}`
}

describe('the check of a deployment', () => {
  it('finds nothing in one that was just made', async () => {
    assert.deepEqual(await check(), {})
    assert.ok(Object.values(record.contracts).every(({ created }) => created !== undefined))
    assert.ok('PoseidonT2' in record.parts)
  })

  it('names the parameter that is another: as argument, immutable and getter', async () => {
    const [token] = record.contracts['PaymentChannels']!.created!.args
    const found = await check(withArgs('PaymentChannels', [token!, '61']))
    assert.deepEqual(found, {
      PaymentChannels: [
        'immutable thawSeconds is 60, must be 61',
        'argument thawSeconds_ was 60, recorded is 61',
        'thawSeconds() is 60, recorded is 61',
      ],
    })
  })

  it('names one field of a struct', async () => {
    const [token, staking, params] = record.contracts['MembershipRegistry']!.created!.args
    const other = { ...(params as Record<string, string>), exitDelay: '301' }
    const { MembershipRegistry: found } = await check(
      withArgs('MembershipRegistry', [token!, staking!, other]),
    )
    assert.ok(found?.includes('exitDelay() is 300, recorded is 301'), String(found))
  })

  it('finds one wrong byte, and says where', async () => {
    const { address } = record.contracts['Escrow']!
    const found = await checkWithCode(address, (code) => flip(code, 100))
    assert.deepEqual(Object.keys(found), ['Escrow'])
    assert.match(found['Escrow']!.join('\n'), /1 bytes of code differ, the first is byte 100/)
  })

  it('finds a wrong byte in the metadata too', async () => {
    const { address } = record.contracts['Escrow']!
    const found = await checkWithCode(address, (code) => flip(code, code.length / 2 - 1 - 30))
    assert.match(found['Escrow']!.join('\n'), /the metadata differs/)
  })

  it('finds a swapped library: another address in the code', async () => {
    const { address } = record.contracts['MembershipRegistry']!
    const library = record.parts['PoseidonT2']!.address.slice(2).toLowerCase()
    const found = await checkWithCode(address, (code) => code.replace(library, 'ab'.repeat(20)) as Hex)
    assert.match(found['MembershipRegistry']!.join('\n'), /library PoseidonT2 is 0x[abAB]{40}, must be 0x/)
  })

  it('finds a swapped library: other code at its address', async () => {
    const { address } = record.parts['PoseidonT2']!
    const found = await checkWithCode(address, (code) => flip(code, 200))
    assert.deepEqual(Object.keys(found), ['PoseidonT2'])
  })

  it('finds that there is no contract', async () => {
    const { address } = record.contracts['ServiceRegistry']!
    const found = await checkWithCode(address, () => '0x')
    assert.match(found['ServiceRegistry']!.join('\n'), /there is no code/)
  })

  it('finds an address that its maker did not make', async () => {
    const contract = record.contracts['Escrow']!
    const created = { ...contract.created!, nonce: contract.created!.nonce + 20 }
    const contracts = { ...record.contracts, Escrow: { ...contract, created } }
    const found = await check({ ...record, contracts })
    assert.match(found['Escrow']!.join('\n'), /making it again fails: account 0x\w+ with nonce/)
  })

  it('refuses another chain', async () => {
    await assert.rejects(check({ ...record, chainId: 1 }), {
      detail: { code: 'WRONG_CHAIN', expected: 1, actual: 31_337 },
    })
  })
})
