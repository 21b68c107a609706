import type { Chain, TxResult } from '../chain/chain.ts'

/** One transaction that is still to be sent. */
export interface Step {
  readonly name:
    'approve' | 'createOperator' | 'stake' | 'join' | 'fundNode' | 'announce' | 'retire' | 'thaw' | 'setKeys'
  /** For a person: `stake 100 tokens`. */
  readonly does: string
  /** Measured for the contracts that this release knows, or estimated by the chain. */
  readonly gas: bigint
  /** What leaves the sender beside gas: tokens in their smallest unit, coins in wei. */
  readonly tokens: bigint
  readonly coins: bigint
  send(): Promise<TxResult>
}

export interface DoneStep extends TxResult {
  readonly name: Step['name']
  readonly does: string
}

/** What is to be done, and what it costs at most; nothing has been sent. */
export interface PreparedSteps {
  readonly steps: readonly Step[]
  /** Wei for a unit of gas, at most, as the chain asks now. */
  readonly gasPrice: bigint
  /** Gas of all steps in wei, what they send included. */
  readonly coins: bigint
  readonly tokens: bigint
  /** Sends them one after the other. What is done stays done if a later one fails: prepare again for the rest. Throws CallError. */
  run(onDone?: (done: DoneStep) => void): Promise<DoneStep[]>
}

export async function prepared(chain: Chain, steps: readonly Step[]): Promise<PreparedSteps> {
  const gasPrice = await maxGasPrice(chain)
  const gas = steps.reduce((total, step) => total + step.gas, 0n)
  return {
    steps,
    gasPrice,
    coins: gas * gasPrice + steps.reduce((total, step) => total + step.coins, 0n),
    tokens: steps.reduce((total, step) => total + step.tokens, 0n),
    async run(onDone) {
      const done: DoneStep[] = []
      for (const { name, does, send } of steps) {
        const { hash, gasUsed, blockNumber } = await send()
        const one = { name, does, hash, gasUsed, blockNumber }
        done.push(one)
        onDone?.(one)
      }
      return done
    },
  }
}

/** Wei for a unit of gas that a transaction now is sure to be taken at. */
export const maxGasPrice = (chain: Chain): Promise<bigint> =>
  chain.read('read the price of gas', async () => {
    const { maxFeePerGas } = await chain.reader.estimateFeesPerGas()
    return maxFeePerGas
  })
