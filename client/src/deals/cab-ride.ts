import { randomBytes } from '@noble/hashes/utils.js'
import { bytesToHex, encodeAbiParameters, keccak256, type Address, type Hex } from 'viem'
import { isWord } from './hex.ts'
import { DealError } from './terms.ts'

/** From `from` (unix seconds) on, a cancellation costs `bps` of the fare (basis points). */
export interface RideStep {
  readonly from: number
  readonly bps: number
}

/** What the CabRide evaluator goes by; its hash is the `details` of the deal. */
export interface CabRide {
  /** keccak256 of the code that the passenger tells on arrival. */
  readonly codeHash: Hex
  /** In the order of their times; before the first, cancelling costs nothing of the fare. */
  readonly steps: readonly RideStep[]
}

/** How the evaluator encodes a ride. */
export const RIDE = {
  type: 'tuple',
  components: [
    { name: 'codeHash', type: 'bytes32' },
    {
      name: 'steps',
      type: 'tuple[]',
      components: [
        { name: 'from', type: 'uint40' },
        { name: 'bps', type: 'uint16' },
      ],
    },
  ],
} as const
const EVIDENCE = [RIDE, { type: 'bytes32' }, { type: 'bytes' }] as const
const NO_CODE: Hex = `0x${'00'.repeat(32)}`
const WHOLE = 10_000
const LAST_SECOND = 2 ** 40 - 1

/**
 * A ride and the code that ends it, 32 random bytes: the passenger keeps it until arrival, the driver sees only the ride.
 * Throws DealError BAD_TERMS for steps that the evaluator would not go by.
 */
export function newRide(steps: readonly RideStep[] = []): { readonly ride: CabRide; readonly code: Hex } {
  const code = bytesToHex(randomBytes(32))
  const ride = { codeHash: keccak256(code), steps }
  checkSteps(ride)
  return { ride, code }
}

/** The `details` of a deal about `ride`. Throws DealError BAD_TERMS. */
export function rideDetails(ride: CabRide): Hex {
  checkSteps(ride)
  return keccak256(encodeAbiParameters([RIDE], [ride]))
}

/** For `deals.evaluate`: pays the driver all. Anyone can send it. Throws DealError BAD_EVIDENCE if it is not the ride's code. */
export function arrivalEvidence(ride: CabRide, code: Hex): Hex {
  if (!isWord(code) || keccak256(code) !== ride.codeHash) {
    throw new DealError('This is not the code of the ride', { code: 'BAD_EVIDENCE' })
  }
  return encodeAbiParameters(EVIDENCE, [ride, code, '0x'])
}

/** What a passenger signs to cancel, as EIP-712; `evaluator` is the CabRide contract that the deal names. */
export function cancellationTypedData(evaluator: Address, chainId: number, deal: Hex) {
  return {
    domain: { name: 'Teahouse CabRide', version: '1', chainId, verifyingContract: evaluator },
    types: { Cancellation: [{ name: 'deal', type: 'bytes32' }] },
    primaryType: 'Cancellation',
    message: { deal },
  } as const
}

/** For `deals.evaluate`: pays the driver what the last step begun says. `signature` is the passenger's. */
export function cancellationEvidence(ride: CabRide, signature: Hex): Hex {
  return encodeAbiParameters(EVIDENCE, [ride, NO_CODE, signature])
}

function checkSteps({ steps }: CabRide): void {
  const bad = (why: string) =>
    new DealError(`A step of the ride ${why}`, { code: 'BAD_TERMS', field: 'details', why })
  for (const [at, { from, bps }] of steps.entries()) {
    if (!Number.isInteger(from) || from < 0 || from > LAST_SECOND) throw bad('is not at a second')
    if (from < (steps[at - 1]?.from ?? 0)) throw bad('is before the one before it')
    if (!Number.isInteger(bps) || bps < 0 || bps > WHOLE) throw bad('is not from 0 to 10000 basis points')
  }
}
