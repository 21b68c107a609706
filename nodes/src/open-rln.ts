import { readFile } from 'node:fs/promises'
import { hexToBytes } from 'viem'
import { createProver, createVerifier, epochAt, membershipLedger } from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import type { Base } from './base.ts'
import { changeStore } from './membership/change-store.ts'
import { followMembership, type Follower } from './membership/follower.ts'
import { registrySource } from './membership/registry-source.ts'
import { nullifierLog } from './rln/nullifier-log.ts'
import { openOwnProofs } from './rln/open-own-proofs.ts'
import type { OwnProofs } from './rln/own-proof.ts'
import { rootWaiter } from './rln/root-waiter.ts'
import { createValidator, type Validator } from './rln/validator.ts'
import { caseStore } from './slashing/case-store.ts'
import { registrySlashing } from './slashing/registry.ts'
import { createSlasher, type Slasher } from './slashing/slasher.ts'
import type { Archive } from './store/index.ts'

/** What validates messages, and what follows from it. */
export interface Rln {
  readonly follower: Follower
  readonly validator: Validator
  readonly slasher: Slasher
  readonly ownProofs: OwnProofs
}

/** Builds what follows the members, validates, slashes, and lends proofs; joined to the blocks of the chain. */
export async function openRln(base: Base, archive: Archive): Promise<Rln> {
  const { config, chain, db, now, stops } = base
  const { params, client, head, sender } = chain
  const { epochSeconds, grace: graceSeconds, rootWindow: rootWindowSeconds } = params
  const registry = config.contracts.MembershipRegistry
  const identifier = hexToBytes(params.rlnIdentifier)
  const nowSeconds = () => Math.floor(now() / 1_000)
  const epochNow = () => epochAt(nowSeconds(), epochSeconds)

  const follower = followMembership({
    source: registrySource(client, registry),
    store: changeStore(db.membership),
    emptyLedger: () => membershipLedger({ graceSeconds, rootWindowSeconds, startSeconds: nowSeconds() }),
    fromBlock: BigInt(config.chain.fromBlock),
    blockRange: BigInt(config.chain.blockRange),
    tailBlocks: BigInt(config.chain.tailBlocks),
    log: base.log.child({ module: 'membership' }),
  })
  const slasher = createSlasher({
    cases: caseStore(db.slashing),
    chain: registrySlashing(client, registry, sender, params),
    commitmentInput: { chainId: config.chainId, registry },
    membership: () => follower.ledger,
    rememberSeconds: rootWindowSeconds + 3 * epochSeconds,
    now,
    log: base.log.child({ module: 'slashing' }),
  })

  const { wasm, zkey, vkey } = await loadArtifacts((url) => readFile(url))
  const prover = createProver({ wasm, zkey })
  stops.add('prover', () => prover.stop())
  const verifier = createVerifier(vkey)
  stops.add('verifier', () => verifier.stop())
  const ownProofs = await openOwnProofs(config.rln, {
    db: db.counter,
    membership: () => follower.ledger,
    prover,
    rlnIdentifier: identifier,
    epochSeconds,
    epochNow: epochNow(),
    now,
  })

  const roots = rootWaiter(config.rln)
  stops.add('root waiter', () => roots.stop())
  const nullifiers = nullifierLog(db.nullifiers)
  const validator = createValidator(config.rln, {
    network: { clusterId: config.clusterId, shards: config.shards, epochSeconds },
    rlnIdentifier: identifier,
    membership: {
      get ready() {
        return follower.state === 'ready'
      },
      // Windows of roots are counted in the time of blocks, which may be ahead of ours.
      rootStatus: (root, seconds) =>
        follower.ledger.rootStatus(root, Math.max(seconds, head.current?.timestamp ?? 0)),
      *revealedSecrets() {
        yield* slasher.secrets()
        yield* follower.ledger.revealedSecrets()
      },
    },
    roots,
    nullifiers,
    verifier,
    kept: archive.has,
    foundDoubleSignal: (found) => slasher.found(found),
    now,
  })

  head.onBlock('membership', async (block) => {
    await follower.sync(block)
    roots.blockApplied()
  })
  head.onBlock('slashing', (block) => slasher.step(block))
  head.onBlock('nullifiers', () => {
    // One epoch more than could still be accepted by a node whose clock is late.
    nullifiers.prune(epochNow() - BigInt(config.rln.epochSlack + 2))
    return Promise.resolve()
  })
  return { follower, validator, slasher, ownProofs }
}
