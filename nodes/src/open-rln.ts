import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hexToBytes } from 'viem'
import { epochAt, type Prover } from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { inBackground } from './background.ts'
import type { Base } from './base.ts'
import type { BlockRef } from './chain/head.ts'
import type { Follower } from './membership/follower.ts'
import { openMembership, type Membership } from './membership/open-follower.ts'
import { loadNetworkKey } from './rln/network-key.ts'
import { nullifierLog, oldestKept, type NullifierLog } from './rln/nullifier-log.ts'
import { openOwnProofs } from './rln/open-own-proofs.ts'
import type { OwnProofs } from './rln/own-proof.ts'
import { pastValidator, type ValidatePast } from './rln/past-validator.ts'
import { rootWaiter, type RootWaiter } from './rln/root-waiter.ts'
import { createValidator, type Validator } from './rln/validator.ts'
import { threadProver } from './rln/thread-prover.ts'
import { createVerifierPool, type VerifierPool } from './rln/verifier/index.ts'
import { caseStore } from './slashing/case-store.ts'
import { registrySlashing } from './slashing/registry.ts'
import { createSlasher, type Slasher } from './slashing/slasher.ts'

/** What validates messages, and what follows from it. */
export interface Rln {
  readonly follower: Follower
  readonly membership: Membership
  readonly validator: Validator
  /** Judges what another archive has of the past. */
  readonly validatePast: ValidatePast
  readonly verifier: Omit<VerifierPool, 'stop'>
  /** Secrets that are known to everybody, or to this node. */
  readonly revealedSecrets: () => Iterable<bigint>
  readonly slasher: Slasher
  readonly ownProofs: OwnProofs
  /** Milliseconds for which members could not be read up to the newest block; 0 if they are. */
  readonly stuckMs: () => number
}

/** Builds what follows the members, validates, slashes, and lends proofs; joined to the blocks of the chain. */
export async function openRln(base: Base): Promise<Rln> {
  const { head } = base.chain
  const membership = await openMembership(base)
  const { follower } = membership
  const slasher = openSlasher(base, follower)
  const { prover, verifier } = await openProofSystem(base)
  const ownProofs = await openOwnProofs(base.config.rln, {
    db: base.db.counter,
    stopMarkFile: join(base.config.dataDir, 'counter.stopped'),
    membership: () => follower.ledger,
    prover,
    ...timeOf(base),
  })
  base.stops.add('own proofs', () => ownProofs.close())
  const roots = rootWaiter(base.config.rln)
  base.stops.add('root waiter', () => roots.stop())
  const nullifiers = nullifierLog(base.db.nullifiers)
  const common = commonOf(base, { membership, slasher, verifier, nullifiers })
  const validator = openValidator(base, { ...common, slasher, roots })
  const validatePast = pastValidator(base.config.rln, common)

  let synced = { block: -1n, at: performance.now() }
  const stuckMs = () => (head.current.number > synced.block ? performance.now() - synced.at : 0)
  head.onBlock('membership', async (block) => {
    await follower.sync(block)
    synced = { block: block.number, at: performance.now() }
    roots.blockApplied()
  })
  const slashing = inBackground((block: BlockRef) => slasher.step(block))
  base.stops.add('slasher', slashing.idle)
  head.onBlock('slashing', async (block) => slashing.run(block))
  head.onBlock('nullifiers', async ({ timestamp }) => {
    const { epochNow, epochSeconds } = timeOf(base)
    const epochOfBlock = epochAt(timestamp, epochSeconds)
    nullifiers.prune(oldestKept({ epochNow, epochOfBlock, epochSlack: base.config.rln.epochSlack }))
  })
  const { revealedSecrets } = common.membership
  return {
    ...{ follower, membership, validator, validatePast, verifier, revealedSecrets },
    ...{ slasher, ownProofs, stuckMs },
  }
}

/** What a proof's epoch and external nullifier are made of. */
function timeOf({ chain, now }: Base) {
  const { epochSeconds } = chain.params
  const epochNow = epochAt(Math.floor(now() / 1_000), epochSeconds)
  return { rlnIdentifier: hexToBytes(chain.params.rlnIdentifier), epochSeconds, epochNow, now }
}

function openSlasher({ config, chain, db, now, log }: Base, follower: Follower): Slasher {
  const { client, sender, params } = chain
  const registry = config.contracts.MembershipRegistry
  return createSlasher({
    cases: caseStore(db.slashing),
    chain: registrySlashing(client, registry, sender, params, config.chain.confirmations),
    commitmentInput: { chainId: config.chainId, registry },
    membership: () => follower.ledger,
    rememberSeconds: params.rootWindow + 3 * params.epochSeconds,
    now,
    log: log.child({ module: 'slashing' }),
  })
}

async function openProofSystem({
  config,
  log,
  stops,
}: Base): Promise<{ prover: Pick<Prover, 'prove'>; verifier: VerifierPool }> {
  const { wasm, zkey, key: committed } = await loadArtifacts((url) => readFile(url))
  const key = await loadNetworkKey(config.rln, committed)
  log.info({ id: key.id, development: key.id === committed.id }, 'Verifies proofs under this key')
  const prover = threadProver({ wasm, zkey })
  stops.add('prover', () => prover.stop())
  const verifier = createVerifierPool(config.rln.verifier, {
    verificationKey: key.verificationKey,
    log: log.child({ module: 'verifier' }),
  })
  stops.add('verifier', () => verifier.stop())
  return { prover, verifier }
}

interface CommonParts {
  readonly membership: Membership
  readonly slasher: Slasher
  readonly verifier: VerifierPool
  readonly nullifiers: NullifierLog
}

/** What the validators of present and past messages have in common. */
function commonOf(base: Base, { membership, slasher, verifier, nullifiers }: CommonParts) {
  const { config, now } = base
  const { follower, history } = membership
  const { rlnIdentifier, epochSeconds } = timeOf(base)
  return {
    network: { clusterId: config.clusterId, shards: config.shards, epochSeconds },
    rlnIdentifier,
    membership: {
      get ready() {
        return follower.state === 'ready'
      },
      rootStatus: follower.rootStatus,
      wasValidRoot(root: bigint, seconds: number) {
        const known = history.wasValid(root, seconds)
        if (known !== undefined) return known
        const status = follower.ledger.rootStatus(root, seconds)
        return status === 'unknown' ? undefined : status !== 'expired'
      },
      *revealedSecrets() {
        yield* slasher.secrets()
        yield* follower.ledger.revealedSecrets()
      },
    },
    nullifiers,
    verifier,
    now,
  }
}

interface ValidatorParts extends ReturnType<typeof commonOf> {
  readonly slasher: Slasher
  readonly roots: RootWaiter
}

function openValidator({ config, archive }: Base, { slasher, ...parts }: ValidatorParts): Validator {
  return createValidator(config.rln, {
    ...parts,
    kept: archive.has,
    foundDoubleSignal: (found) => slasher.found(found),
  })
}
