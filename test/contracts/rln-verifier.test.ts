import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { artifacts, network } from 'hardhat'
import { zKey } from 'snarkjs'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  custom,
  type PublicClient,
} from 'viem'
import { localChain } from '@teahouse/protocol/chain'
import { artifactUrls, loadArtifacts, type RlnArtifacts } from '../../protocol/src/rln/artifacts.ts'
import {
  createProver,
  createVerifier,
  FIELD,
  identityFromSecret,
  membershipTree,
  rateCommitment,
  type RlnProof,
  verificationKeyId,
  type VerificationKeyJson,
} from '../../protocol/src/rln/index.ts'

/** A proof as the contract takes it: the EVM has the parts of a G2 coordinate the other way round. */
interface Calldata {
  readonly a: readonly bigint[]
  readonly b: readonly (readonly bigint[])[]
  readonly c: readonly bigint[]
  readonly signals: readonly bigint[]
}

function calldataOf({ proof: { a, b, c }, y, root, nullifier, x, externalNullifier }: RlnProof): Calldata {
  const swapped = b.map(([c0, c1]) => [c1, c0])
  return { a, b: swapped, c, signals: [y, root, nullifier, x, externalNullifier] }
}

let files: RlnArtifacts
let proof: RlnProof
let client: PublicClient
let abi: Abi
let address: Address
let close: () => Promise<void>

async function accepts({ a, b, c, signals }: Calldata): Promise<boolean> {
  const call = { address, abi, functionName: 'verifyProof', args: [a, b, c, signals] }
  return (await client.readContract(call)) as boolean
}

before(async () => {
  files = await loadArtifacts((url) => readFile(url))
  const identity = identityFromSecret(0x1234n)
  const tree = membershipTree()
  tree.set(3, rateCommitment(identity.commitment, 10))
  const prover = createProver(files)
  const input = { secret: identity.secret, rateLimit: 10, messageId: 1, path: tree.path(3) }
  proof = await prover.prove({ ...input, x: 77n, externalNullifier: 99n })
  await prover.stop()

  const connection = await network.create()
  close = () => connection.close()
  const transport = custom(connection.provider)
  client = createPublicClient({ chain: localChain, transport })
  const wallet = createWalletClient({ chain: localChain, transport })
  const artifact = await artifacts.readArtifact('RlnVerifier')
  abi = artifact.abi as Abi
  const [account] = await wallet.getAddresses()
  const hash = await wallet.deployContract({
    account: account!,
    abi,
    bytecode: artifact.bytecode as `0x${string}`,
  })
  const { contractAddress } = await client.waitForTransactionReceipt({ hash })
  address = contractAddress!
})
after(async () => {
  await close()
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } }).curve_bn128?.terminate()
})

describe('circuit, proving key, verification key and Solidity verifier', () => {
  it('hold one key: the zkey exports the verification key, and the contract has its numbers', async () => {
    const exported = (await zKey.exportVerificationKey(files.zkey)) as VerificationKeyJson
    assert.equal(verificationKeyId(exported), files.key.id)
    const vkey = JSON.parse(await readFile(artifactUrls.vkey(), 'utf8')) as VerificationKeyJson
    assert.equal(verificationKeyId(vkey), files.key.id)
    const source = await readFile(
      new URL('../../contracts/verifiers/RlnVerifier.sol', import.meta.url),
      'utf8',
    )
    const constants = Object.fromEntries(
      [...source.matchAll(/uint256 constant (\w+) = (\d+);/g)].map(([, name, value]) => [name, value]),
    )
    const g2 = (name: string, [x, y]: readonly (readonly string[])[]) =>
      Object.entries({ x1: x![1], x2: x![0], y1: y![1], y2: y![0] }).map(([part, value]) => [
        name + part,
        value,
      ])
    const expected = Object.fromEntries([
      ['alphax', vkey.vk_alpha_1[0]],
      ['alphay', vkey.vk_alpha_1[1]],
      ...g2('beta', vkey.vk_beta_2),
      ...g2('gamma', vkey.vk_gamma_2),
      ...g2('delta', vkey.vk_delta_2),
      ...vkey.IC.flatMap(([x, y], at) => [
        [`IC${at}x`, x],
        [`IC${at}y`, y],
      ]),
    ]) as Record<string, string>
    for (const [name, value] of Object.entries(expected)) assert.equal(constants[name], value, name)
  })

  it('accept one proof: in TypeScript and on chain', async () => {
    assert.equal(await createVerifier(files.vkey).verify(proof), true)
    assert.equal(await accepts(calldataOf(proof)), true)
  })
})

describe('what the contract must refuse', () => {
  const refused: Record<string, (good: Calldata) => Calldata> = {
    'the parts of a G2 coordinate as snarkjs has them': (good) => ({ ...good, b: proof.proof.b }),
    'A and C swapped': (good) => ({ ...good, a: good.c, c: good.a }),
    'A negated': (good) => ({ ...good, a: [good.a[0]!, BASE_FIELD - good.a[1]!] }),
    'a point off the curve': (good) => ({ ...good, a: [good.a[0]!, good.a[1]! + 1n] }),
    'the point at infinity for A': (good) => ({ ...good, a: [0n, 0n] }),
    'signals in another order': (good) => ({ ...good, signals: good.signals.toReversed() }),
    'a signal of one more': (good) => ({
      ...good,
      signals: [good.signals[0]! + 1n, ...good.signals.slice(1)],
    }),
    'a signal with the order of the field added': (good) => ({
      ...good,
      signals: [...good.signals.slice(0, 4), good.signals[4]! + FIELD],
    }),
  }
  const BASE_FIELD = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n
  for (const [given, change] of Object.entries(refused)) {
    it(given, async () => {
      assert.equal(await accepts(change(calldataOf(proof))), false)
    })
  }
})
