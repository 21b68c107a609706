import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Address, concatHex, encodeAbiParameters, type Hex, keccak256, pad, toHex } from 'viem'
import { arrivalEvidence, newRide, rideDetails } from '../../client/src/deals/cab-ride.ts'
import { type Agree, attackEvaluator, type Finding } from '../../client/src/deals/trial/index.ts'
import { compile } from '../../examples/evaluator/compile.ts'
import { tryEvaluator } from '../../examples/evaluator/try.ts'
import { simulatedNetwork } from './support/simulated.ts'

const SUPPORT = join(import.meta.dirname, 'support')
const CHAIN_ID = 31337

let chain: Awaited<ReturnType<typeof simulatedNetwork>>
let careless: ReturnType<typeof compile>
let hostile: ReturnType<typeof compile>
before(async () => {
  chain = await simulatedNetwork()
  careless = compile(join(SUPPORT, 'CarelessEvaluators.sol'))
  hostile = compile(join(SUPPORT, 'HostileEvaluators.sol'))
})
after(() => chain.connection.close())

async function deploy(code: Hex, argument?: Address): Promise<Address> {
  const data = argument ? concatHex([code, pad(argument)]) : code
  const hash = await chain.alice.wallet.sendTransaction({ data })
  return (await chain.client.waitForTransactionReceipt({ hash })).contractAddress!
}

const attacked = (evaluator: Address, agree: Agree): Promise<readonly Finding[]> => {
  const provider = { request: chain.client.request } as Parameters<typeof attackEvaluator>[0]['provider']
  return attackEvaluator({ provider, contracts: chain.addresses, evaluator, agree })
}
const codesOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ code }) => code))].sort()
const random = () => toHex(crypto.getRandomValues(new Uint8Array(32)))

/** The word of a deal gets the payee half. */
const byWord: Agree = ({ amount }) => {
  const word = random()
  return {
    terms: { details: keccak256(word) },
    evidence: () => concatHex([word, pad('0x00')]),
    payeeAmount: amount / 2n,
  }
}
/** Whatever the deal, the payee gets all by this evidence. */
const by =
  (evidence: (amount: bigint) => Hex): Agree =>
  ({ amount }) => ({ terms: { details: random() }, evidence: () => evidence(amount), payeeAmount: amount })

describe('an evaluator that holds', () => {
  it('gives no findings: the cab ride, paid by its code', async () => {
    const { address } = await chain.connection.viem.deployContract('CabRide')
    const rides: Agree = ({ amount }) => {
      const { ride, code } = newRide()
      const terms = { details: rideDetails(ride), collateral: 500n }
      return { terms, evidence: () => arrivalEvidence(ride, code), payeeAmount: amount + 500n }
    }
    assert.deepEqual(await attacked(address, rides), [])
  })

  it('gives no findings: the late parcel of examples/evaluator', async () => {
    const provider = { request: chain.client.request } as Parameters<typeof attackEvaluator>[0]['provider']
    const network = { provider, contracts: chain.addresses, chainId: CHAIN_ID }
    const names: string[] = []
    assert.deepEqual(await tryEvaluator(network, deploy, (name) => names.push(name)), [])
    assert.ok(names.length > 5)
  })
})

describe('what is found in an evaluator', () => {
  it('that is not there', async () => {
    assert.deepEqual(codesOf(await attacked(chain.bob.address, byWord)), ['NO_CODE'])
  })

  for (const [name, agree, ...codes] of [
    ['OneWordForAll', by(() => concatHex([pad('0x07'), pad('0x00')])), 'REPLAYED'],
    ['TakesABonus', byWord, 'FORGED'],
    ['AsksForTheSender', byWord, 'KNOWS_WHO_ASKS'],
    ['TellsItsGas', byWord, 'KNOWS_ITS_GAS'],
    ['WorksHard', byWord, 'TOO_MUCH_GAS'],
  ] as const) {
    it(`with one mistake: ${name}`, async () => {
      const evaluator = await deploy(careless.get(name)!)
      assert.deepEqual(codesOf(await attacked(evaluator, agree)), codes)
    })
  }

  it('that leaves the decision to other code', async () => {
    const other = await deploy(careless.get('TakesABonus')!)
    const evaluator = await deploy(careless.get('Delegates')!, other)
    assert.deepEqual(codesOf(await attacked(evaluator, byWord)), ['CAN_CHANGE', 'FORGED'])
  })

  it('that says whatever it is told', async () => {
    const evaluator = await deploy(hostile.get('ObedientEvaluator')!)
    const pays = (amount: bigint) =>
      encodeAbiParameters([{ type: 'uint128' }, { type: 'bool' }], [amount, true])
    assert.deepEqual(codesOf(await attacked(evaluator, by(pays))), ['FORGED', 'GUESSED', 'REPLAYED'])
  })

  it('that changes its mind, or calls back', async () => {
    const fickle = await deploy(hostile.get('FickleEvaluator')!)
    assert.ok(
      codesOf(
        await attacked(
          fickle,
          by(() => '0x'),
        ),
      ).includes('CAN_CHANGE'),
    )
    const evaluator = await deploy(hostile.get('ReenteringEvaluator')!, chain.addresses.Escrow)
    const found = codesOf(
      await attacked(
        evaluator,
        by(() => '0x'),
      ),
    )
    assert.ok(found.includes('CAN_CHANGE') && found.includes('GUESSED'), found.join())
    assert.ok(!found.includes('MONEY_MOVED') && !found.includes('STUCK'), found.join())
  })

  // The manners of FailingEvaluator: reverts, burns its gas, answers a megabyte, one word, more than there is, neither yes nor no.
  for (const [manner, code] of [
    [0, 'REFUSES_HONEST'],
    [1, 'REFUSES_HONEST'],
    [2, 'REFUSES_HONEST'],
    [6, 'BAD_ANSWER'],
    [7, 'BAD_ANSWER'],
    [8, 'BAD_ANSWER'],
  ] as const) {
    it(`that fails in manner ${manner}: ${code}, and its deals end all the same`, async () => {
      const evaluator = await deploy(hostile.get('FailingEvaluator')!)
      const found = codesOf(
        await attacked(
          evaluator,
          by(() => pad(toHex(manner))),
        ),
      )
      assert.ok(found.includes(code), found.join())
      assert.ok(!found.includes('STUCK') && !found.includes('MONEY_MOVED'), found.join())
    })
  }

  it('that pays something else than was agreed', async () => {
    const { address } = await chain.connection.viem.deployContract('CabRide')
    const rides: Agree = ({ amount }) => {
      const { ride, code } = newRide()
      return {
        terms: { details: rideDetails(ride) },
        evidence: () => arrivalEvidence(ride, code),
        payeeAmount: amount - 1n,
      }
    }
    assert.deepEqual(codesOf(await attacked(address, rides)), ['MONEY_MOVED', 'WRONG_SHARE'])
  })

  it('whose deals are not told apart', async () => {
    const { address } = await chain.connection.viem.deployContract('CabRide')
    const { ride, code } = newRide()
    const rides: Agree = ({ amount, now }) => ({
      terms: { details: rideDetails(ride), deliverBy: now + 1_000 + Math.floor(Math.random() * 10 ** 6) },
      evidence: () => arrivalEvidence(ride, code),
      payeeAmount: amount,
    })
    assert.deepEqual(codesOf(await attacked(address, rides)), ['REPLAYED'])
  })
})
