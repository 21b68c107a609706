import { prepareNode, startChain, type PreparedNode, type TestChain } from '../../support/index.ts'
import { EPOCH_SECONDS } from './relay-messages.ts'

const MEMBERSHIP = {
  epochSeconds: EPOCH_SECONDS,
  rootWindow: 600,
  term: 86_400,
  grace: 3_600,
  exitDelay: 3_600,
  commitMinBlocks: 2,
  commitMaxAge: 86_400,
  depositPerMessage: 5_000n,
  feePerMessage: 1_000n,
}

/** A chain with long epochs, always deployed in the same way. */
export const benchChain = (): Promise<TestChain> => startChain({ parameters: { membership: MEMBERSHIP } })

/** Two nodes on it that log little. */
export async function twoNodes(chain: TestChain): Promise<[PreparedNode, PreparedNode]> {
  const config = { log: { level: 'warn' as const } }
  return [await prepareNode(chain, { config }), await prepareNode(chain, { config })]
}

/** A number from the environment, for runs that are smaller than what counts. */
export function sizeOf(name: string, usual: number): number {
  const given = process.env[name]
  return given === undefined ? usual : Number(given)
}
