import type { Address, Hex, PublicClient } from 'viem'
import { revertData, revertError } from '@teahouse/protocol/chain'
import { CHAIN_STATUS as STATUS, type RelayedAction } from '@teahouse/protocol/chain-relay'
import { Refusal } from '../net/index.ts'

/** The contract refuses an action; `revert` is what it says, ABI-encoded. */
export class Reverts extends Refusal {
  readonly revert: Hex

  constructor(revert: Hex, cause: unknown) {
    super(STATUS.reverted, `REVERTS: ${revertError(revert).message}`, { cause })
    this.revert = revert
  }
}

export interface SimulateDeps {
  readonly client: Pick<PublicClient, 'estimateGas' | 'estimateFeesPerGas' | 'getCode'>
  readonly relayer: Address
  readonly maxGas: bigint
}

/** What sending it would take. Gas with room for a chain that has moved on; the cost in wei is the most that it can be. */
export interface Estimate {
  readonly gas: bigint
  readonly cost: bigint
}

/** Tenths of the estimated gas that a transaction may use. */
const ROOM = 13n

/**
 * Tries an action on the chain as it is. A signer that is a contract is refused: its own code would decide whether it has signed, and could
 * decide otherwise when the node pays. Throws Reverts, Refusal, and what viem throws.
 */
export function simulator({ client, relayer, maxGas }: SimulateDeps) {
  async function requireKeys(signers: readonly Address[]): Promise<void> {
    const codes = await Promise.all(signers.map((address) => client.getCode({ address })))
    if (codes.some((code) => code !== undefined && code !== '0x'))
      throw notRelayed('it is signed by a contract, which may change its mind')
  }

  async function estimate(to: Address, data: Hex): Promise<bigint> {
    try {
      return await client.estimateGas({ account: relayer, to, data })
    } catch (error) {
      const revert = revertData(error)
      throw revert === undefined ? error : new Reverts(revert, error)
    }
  }

  return async ({ to, signers }: Pick<RelayedAction, 'to' | 'signers'>, data: Hex): Promise<Estimate> => {
    await requireKeys(signers)
    const gas = ((await estimate(to, data)) * ROOM) / 10n
    if (gas > maxGas) throw notRelayed(`it takes ${gas} gas, more than ${maxGas}`)
    const { maxFeePerGas } = await client.estimateFeesPerGas()
    return { gas, cost: gas * maxFeePerGas }
  }
}

export const notRelayed = (what: string) => new Refusal(STATUS.notRelayed, `NOT_RELAYED: ${what}`)
