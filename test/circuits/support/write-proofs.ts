// Writes test/vectors/rln20-proofs.json: real proofs of the committed key, by several members in several epochs.
// After another key: node test/circuits/support/write-proofs.ts
import { writeFile } from 'node:fs/promises'
import { createProver, encodeProof, epochBytes, externalNullifier, messageX } from '@teahouse/protocol/rln'
import { artifacts, endWorkers, memberAt } from './rln.ts'

const COUNT = 20
const MEMBERS = 4
const APPLICATION = new Uint8Array(32).fill(9)

const prover = createProver(artifacts)
const proofs: Record<string, string>[] = []
for (let at = 0; at < COUNT; at++) {
  const payload = new TextEncoder().encode(`letter ${at}`)
  const {
    proof,
    y,
    root,
    nullifier,
    x,
    externalNullifier: external,
  } = await prover.prove({
    ...memberAt(at % MEMBERS).input,
    x: messageX({ payload, contentTopic: '' }),
    externalNullifier: externalNullifier(epochBytes(BigInt(1_000 + at)), APPLICATION),
  })
  const hex = (value: bigint) => `0x${value.toString(16)}`
  proofs.push({
    proof: Buffer.from(encodeProof(proof)).toString('hex'),
    y: hex(y),
    root: hex(root),
    nullifier: hex(nullifier),
    x: hex(x),
    externalNullifier: hex(external),
  })
}
await writeFile(
  new URL('../../vectors/rln20-proofs.json', import.meta.url),
  `${JSON.stringify(proofs, undefined, 2)}\n`,
)
await prover.stop()
await endWorkers()
