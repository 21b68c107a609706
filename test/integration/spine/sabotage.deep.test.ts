import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createPublicClient, createTestClient, createWalletClient, http, type Address, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { contractsAt, localChain } from '@teahouse/protocol/chain'
import { readRecord } from '../../../scripts/deploy/record.ts'
import { nodeInfo } from '../../../scripts/start/node-api.ts'
import { kill, startRun, type Run } from './run.ts'

/** hardhat's first account: the faucet of the local network. */
const FAUCET: Address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const STRANGER: Address = '0x00000000000000000000000000000000DeaDBeef'

/** Code that answers every call with a word of zeros. */
const FALSE: Hex = '0x60205ff3'

/** Each spoils one step from outside, with the chain's and the machine's own means, as the step begins. */
const SABOTAGES: { step: number; how: string; at: string; act: (run: Run) => Promise<void> }[] = [
  { step: 1, how: 'the chain is killed', at: '\n1  ', act: (run) => kill(run, 0) },
  { step: 2, how: 'the faucet runs dry', at: '\n2  ', act: (run) => setBalance(run, FAUCET, 0n) },
  {
    step: 3,
    how: 'the registry takes nobody',
    at: '\n3  ',
    act: (run) => setCode(run, 'MembershipRegistry', '0xfe'),
  },
  { step: 4, how: 'a relay hangs', at: '\n4  ', act: (run) => kill(run, 2, 'SIGSTOP') },
  {
    step: 5,
    how: 'the channels forget what they are told',
    at: '\n5  ',
    act: (run) => setCode(run, 'PaymentChannels', '0x00'),
  },
  { step: 6, how: 'no node can pay for slashing', at: '\n6  ', act: impoverishNodes },
  {
    step: 6,
    how: 'the court of retrieval hears nobody',
    at: '\n6  ',
    act: (run) => setCode(run, 'RetrievalCourt', '0x00'),
  },
  {
    step: 7,
    how: 'red envelopes stay empty',
    at: '\n7  ',
    act: (run) => setCode(run, 'RedEnvelope', '0x00'),
  },
  { step: 7, how: 'the escrow swallows deals', at: '\n7  ', act: (run) => setCode(run, 'Escrow', '0x00') },
  { step: 7, how: 'the evaluator is silent', at: '\n7  ', act: (run) => setPartCode(run, 'CabRide', '0x00') },
  {
    step: 7,
    how: 'no proof of membership in a group is good',
    at: '\n7  ',
    act: (run) => setPartCode(run, 'SemaphoreVerifier', FALSE),
  },
  {
    step: 8,
    how: 'the court loses its papers',
    at: '\n7  ',
    act: (run) => setCode(run, 'RetrievalCourt', '0x00'),
  },
  { step: 8, how: 'tokens go where nobody said', at: '\n6  ', act: divertTokens },
]

describe('npm start -- --once', () => {
  it.each(SABOTAGES)(
    'fails at step $step when $how',
    async ({ step, at, act }) => {
      const run = await startRun(['--once'])
      await run.until(at)
      await act(run)
      const { ended, stdout, stderr } = await run.ended
      expect(stderr).not.toBe('')
      expect(stdout).not.toContain(`step ${step} held`)
      if (step > 1) expect(stdout).toContain(`step ${step - 1} held`)
      expect(ended).toBe(1)
      expect(JSON.parse(await readFile(join(run.home, 'start.lock'), 'utf8').catch(() => 'null'))).toBeNull()
      await rm(run.home, { recursive: true, force: true })
    },
    240_000,
  )
})

function rpcUrlOf(run: Run): string {
  const [, url] = /local chain answers at (\S+)/.exec(run.stdout()) ?? []
  if (url === undefined) throw new Error('The chain has not answered yet')
  return url
}

const testClient = (run: Run) =>
  createTestClient({ mode: 'hardhat', chain: localChain, transport: http(rpcUrlOf(run)) })

const setBalance = (run: Run, address: Address, value: bigint) =>
  testClient(run).setBalance({ address, value })

async function setCode(
  run: Run,
  contract: 'MembershipRegistry' | 'PaymentChannels' | 'Escrow' | 'RedEnvelope' | 'RetrievalCourt',
  bytecode: Hex,
): Promise<void> {
  const { contracts } = await run.network()
  await testClient(run).setCode({ address: contracts[contract], bytecode })
}

/** Of what only other contracts call. */
async function setPartCode(run: Run, part: string, bytecode: Hex): Promise<void> {
  const { parts } = await readRecord(join(run.home, 'deployment.json'))
  await testClient(run).setCode({ address: parts[part]!.address, bytecode })
}

async function impoverishNodes(run: Run): Promise<void> {
  for (const { apiUrl } of (await run.network()).nodes) {
    const { operator } = await nodeInfo(apiUrl)
    await setBalance(run, operator.node, 0n)
  }
}

/** A person sends a token to somebody who is in no book. */
async function divertTokens(run: Run): Promise<void> {
  const { contracts } = await run.network()
  const transport = http(rpcUrlOf(run))
  const { MembershipRegistry } = contractsAt(contracts, createPublicClient({ transport }))
  const joined = await MembershipRegistry.getEvents.MemberRegistered({}, { fromBlock: 0n })
  const holder = joined.at(-1)?.args.holder
  if (!holder) throw new Error('Nobody has joined')
  await testClient(run).impersonateAccount({ address: holder })
  const wallet = createWalletClient({ account: holder, chain: localChain, transport })
  await contractsAt(contracts, wallet).Token.write.transfer([STRANGER, 1n])
}
