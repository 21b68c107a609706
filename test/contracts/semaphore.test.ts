import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { artifacts } from 'hardhat'
import { groth16, zKey } from 'snarkjs'
import { type Abi, type Address, type Hex, toHex } from 'viem'
import { isRevert } from '../../protocol/src/chain/index.ts'
import {
  createGateProver,
  envelopeId,
  groupOf,
  loadSemaphore,
  memberOf,
  signalHash,
  type Terms,
} from '../../protocol/src/envelopes/index.ts'
import { solidityVerifier, type VerificationKeyJson } from '../../scripts/semaphore/verifier.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const members = [1, 2, 3, 4, 5, 6].map((seed) => memberOf(new Uint8Array(32).fill(seed)))
const group = groupOf(members.map(({ commitment }) => commitment))

let files: Awaited<ReturnType<typeof loadSemaphore>>
let vkey: VerificationKeyJson
let chain: Awaited<ReturnType<typeof simulatedNetwork>>

before(async () => {
  files = await loadSemaphore((url) => readFile(url))
  const file = new URL('../../circuits/artifacts/semaphore_16.vkey.json', import.meta.url)
  vkey = JSON.parse(await readFile(file, 'utf8')) as VerificationKeyJson
  chain = await simulatedNetwork()
})
after(async () => {
  await chain.connection.close()
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } }).curve_bn128?.terminate()
})

/** Eight numbers as the contract takes them, as snarkjs does. */
function unpacked([ax, ay, bxIm, bxRe, byIm, byRe, cx, cy]: readonly string[]) {
  return {
    pi_a: [ax!, ay!, '1'],
    pi_b: [
      [bxRe!, bxIm!],
      [byRe!, byIm!],
      ['1', '0'],
    ],
    pi_c: [cx!, cy!, '1'],
    protocol: 'groth16',
    curve: 'bn128',
  }
}

async function accepts(points: readonly bigint[], inputs: readonly bigint[]): Promise<boolean> {
  const address = await chain.bob.contracts.RedEnvelope.read.verifier()
  const { abi } = await artifacts.readArtifact('SemaphoreVerifier')
  const call = { address, abi: abi as Abi, functionName: 'verify', args: [points, inputs] }
  return (await chain.client.readContract(call)) as boolean
}

describe('Semaphore’s proving key, verification key and our Solidity verifier', () => {
  it('hold one key: the zkey exports the verification key, and the contract has its numbers', async () => {
    const exported = (await zKey.exportVerificationKey(files.zkey)) as unknown as VerificationKeyJson
    for (const part of ['nPublic', 'vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'vk_delta_2', 'IC'] as const) {
      assert.deepEqual(exported[part], vkey[part], part)
    }
    const source = await readFile(
      new URL('../../contracts/verifiers/SemaphoreVerifier.sol', import.meta.url),
      'utf8',
    )
    const constants = Object.fromEntries(
      [...source.matchAll(/uint256 private constant (\w+) =\s+(\d{60,});/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    )
    const g2 = (name: string, [x, y]: readonly (readonly string[])[]) => ({
      [`${name}_X_RE`]: x![0],
      [`${name}_X_IM`]: x![1],
      [`${name}_Y_RE`]: y![0],
      [`${name}_Y_IM`]: y![1],
    })
    assert.deepEqual(constants, {
      ORDER: '21888242871839275222246405745257275088548364400416034343698204186575808495617',
      BASE_ORDER: '21888242871839275222246405745257275088696311157297823662689037894645226208583',
      ALPHA_X: vkey.vk_alpha_1[0],
      ALPHA_Y: vkey.vk_alpha_1[1],
      ...g2('BETA', vkey.vk_beta_2),
      ...g2('GAMMA', vkey.vk_gamma_2),
      ...g2('DELTA', vkey.vk_delta_2),
      ...Object.fromEntries(
        vkey.IC.flatMap(([x, y], at) => [
          [`IC${at}_X`, x],
          [`IC${at}_Y`, y],
        ]),
      ),
    })
  })

  it('refuse to become a verifier with γ = δ, with which anything can be proved', () => {
    const careless = { ...vkey, vk_delta_2: vkey.vk_gamma_2 }
    assert.throws(() => solidityVerifier('X', 'X', careless), { code: 'BAD_VERIFYING_KEY' })
  })

  it('accept a proof that Semaphore’s own tool made', async () => {
    const file = new URL('../vectors/semaphore16.json', import.meta.url)
    const { proof } = JSON.parse(await readFile(file, 'utf8')) as {
      proof: { points: string[]; root: string; nullifier: string; recipient: Address; envelope: Hex }
    }
    const inputs = [
      BigInt(proof.root),
      BigInt(proof.nullifier),
      signalHash(proof.recipient),
      signalHash(proof.envelope),
    ]
    assert.equal(await accepts(proof.points.map(BigInt), inputs), true)
    assert.equal(await accepts(proof.points.map(BigInt), inputs.toReversed()), false)
  })

  it('accept our prover’s proofs, as snarkjs does', async () => {
    const prove = await createGateProver(files)
    const [envelope, recipient]: [Hex, Address] = [toHex(5n, { size: 32 }), chain.bob.address]
    const { nullifier, points } = prove({ member: members[5]!, group, envelope, recipient })
    const inputs = [group.root, nullifier, signalHash(recipient), signalHash(envelope)]
    assert.equal(await accepts(points, inputs), true)
    const decimal = (value: bigint) => value.toString()
    const theirs = unpacked(points.map(decimal))
    assert.equal(await groth16.verify(vkey as never, inputs.map(decimal), theirs as never), true)
  })
})

describe('a gated envelope', () => {
  it('pays each member once, whoever sends the claim, without learning which', async () => {
    const { alice, bob, addresses, client } = chain
    const { timestamp } = await client.getBlock()
    const terms: Terms = {
      creator: alice.address,
      amount: 500n,
      shares: 5,
      expiry: Number(timestamp) + 86_400,
      gated: true,
      root: toHex(group.root, { size: 32 }),
      salt: toHex(1n, { size: 32 }),
    }
    await alice.contracts.RedEnvelope.write.create([terms])
    const envelope = envelopeId(addresses.RedEnvelope, CHAIN_ID, terms)
    const prove = await createGateProver(files)
    const recipient = toHex(0xa11n, { size: 20 })
    const claim = prove({ member: members[3]!, group, envelope, recipient })
    await bob.contracts.RedEnvelope.write.claimGatedShare([terms, recipient, claim.nullifier, claim.points])
    assert.equal(await bob.contracts.Token.read.balanceOf([recipient]), 100n)

    const elsewhere = toHex(0xa12n, { size: 20 })
    const again = prove({ member: members[3]!, group, envelope, recipient: elsewhere })
    assert.equal(again.nullifier, claim.nullifier, 'one nullifier a member')
    await assert.rejects(
      bob.contracts.RedEnvelope.simulate.claimGatedShare([terms, elsewhere, again.nullifier, again.points]),
      (error) => isRevert(error, 'NullifierUsed'),
    )
    await assert.rejects(
      bob.contracts.RedEnvelope.simulate.claimGatedShare([terms, elsewhere, 7n, again.points]),
      (error) => isRevert(error, 'InvalidProof'),
    )
  })
})
