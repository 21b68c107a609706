import { readFile } from 'node:fs/promises'
import { verify as zkKitVerify } from '@zk-kit/groth16'
import { initSync, newRLN, verifyWithRoots } from '@waku/zerokit-rln-wasm'
import { createVerifier, decodeRateLimitProof, epochBytes, type Claim } from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { curves, groth16 } from 'snarkjs'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { toLittleEndian } from '../../protocol/src/rln/field.ts'
import { affine, forSnarkjs, nobleVerifier, proofs } from '../circuits/support/proofs.ts'
import { mclVerifier } from './tools/mcl-verifier.ts'

const ROUNDS = 12
const BATCHES = [32, 64, 128]
/** What test/circuits/support/write-proofs.ts made the proofs for. */
const APPLICATION = new Uint8Array(32).fill(9)

/** A proof as each verifier gets it: field 21 of a message for us, zerokit's bytes, JSON for the others. */
interface Given {
  readonly fields: Parameters<typeof decodeRateLimitProof>[0]
  readonly json: ReturnType<typeof forSnarkjs>
  readonly zerokit: { readonly message: Uint8Array; readonly root: Uint8Array }
}

const given: Given[] = proofs.map((claim, at) => {
  const { proof, root, externalNullifier, x, y, nullifier } = claim
  const signal = new Uint8Array([...new TextEncoder().encode(`letter ${at}`), ...new Uint8Array(8)])
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(signal.length), true)
  const values = [root, externalNullifier, x, y, nullifier].map(toLittleEndian)
  return {
    fields: {
      proof,
      merkleRoot: toLittleEndian(root),
      epoch: epochBytes(BigInt(1_000 + at)),
      shareX: toLittleEndian(x),
      shareY: toLittleEndian(y),
      nullifier: toLittleEndian(nullifier),
      rlnIdentifier: APPLICATION,
    },
    json: forSnarkjs(affine(claim)),
    zerokit: {
      message: Buffer.concat([proof, ...values, length, signal]),
      root: toLittleEndian(root),
    },
  }
})

function mustHold(held: boolean): void {
  if (!held) throw new Error('A proof that holds was refused')
}

async function run(tools: Tools): Promise<Row[]> {
  const { vkey, zkey } = await loadArtifacts((url) => readFile(url))
  const verifier = createVerifier(vkey)
  await curves.getCurveFromName('bn128') // kept: otherwise snarkjs builds it anew for every proof
  const noble = nobleVerifier(vkey)
  const mcl = await mclVerifier(vkey)
  initSync({
    module: await readFile(new URL(import.meta.resolve('@waku/zerokit-rln-wasm/rln_wasm_bg.wasm'))),
  })
  const zerokit = newRLN(zkey)
  let turn = 0
  const next = () => given[turn++ % given.length]!
  // The external nullifier is a hash of epoch and application, the same for all messages of an epoch: not a part of verifying.
  const decodedOf = ({ fields }: Given): Claim => {
    const { proof, y, root, nullifier, x, epoch } = decodeRateLimitProof(fields)
    return {
      proof,
      y,
      root,
      nullifier,
      x,
      externalNullifier: proofs[Number(epoch) - 1_000]!.externalNullifier,
    }
  }

  const peers = {
    snarkjs: async () => {
      const { json } = next()
      mustHold(await groth16.verify(vkey, json.publicSignals, json.proof))
    },
    '@zk-kit/groth16': async () => mustHold(await zkKitVerify(vkey, next().json)),
    'zerokit wasm': () => {
      const { message, root } = next().zerokit
      mustHold(verifyWithRoots(zerokit, message, root))
    },
    'mcl-wasm': () => mustHold(mcl(next().json)),
    noble: () => {
      const { json } = next()
      const [a, b, c] = [json.proof.pi_a, json.proof.pi_b, json.proof.pi_c]
      const pair = (of: readonly string[]): [bigint, bigint] => [BigInt(of[0]!), BigInt(of[1]!)]
      const [y, root, nullifier, x, externalNullifier] = json.publicSignals.map(BigInt) as Five
      const points = { a: pair(a), b: [pair(b[0]!), pair(b[1]!)] as const, c: pair(c) }
      mustHold(noble({ proof: points, y, root, nullifier, x, externalNullifier }))
    },
  }

  tools.note('verify, single')
  const single = await tools.compare(
    { ours: async () => mustHold(await verifier.verify(decodedOf(next()))), peers },
    { rounds: ROUNDS, repeat: { ours: 8, snarkjs: 2 } },
  )
  const rows = [tools.row(single, { metric: 'verify a proof, single', gate: { ratio: 5 } })]

  for (const size of BATCHES) {
    tools.note(`verify, batches of ${size}`)
    const batch = await tools.compare(
      {
        ours: async () => {
          const claims = Array.from({ length: size }, () => decodedOf(next()))
          mustHold((await verifier.verifyBatch(claims)).every(Boolean))
        },
        peers: { snarkjs: peers.snarkjs },
      },
      { rounds: ROUNDS, repeat: { snarkjs: 2 } },
    )
    const perProof = { ...batch, ours: { median: batch.ours.median / size, min: batch.ours.min / size } }
    const metric = `verify a proof, in batches of ${size}`
    rows.push(tools.row(perProof, { metric, gate: { ratio: 15 } }))
  }
  await verifier.stop()
  await (globalThis as { curve_bn128?: { terminate(): Promise<void> } }).curve_bn128?.terminate()
  return rows
}

type Five = [bigint, bigint, bigint, bigint, bigint]

export default {
  name: 'proofs',
  title: 'verifying RLN proofs: parsing, range, curve and subgroup checks included (snarkjs omits the last)',
  run,
} satisfies Bench
