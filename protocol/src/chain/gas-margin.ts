/** Writing a storage word that has become empty costs so much more (EIP-2200: 20,000 in place of 2,900). */
const EMPTIED_WORD = 17_100n

/**
 * Gas to give a transaction of which `estimate` was found to suffice: what others do before it is mined can make it dearer, as when they take the last
 * token out of a contract into which it pays. What is not used costs nothing.
 */
export function withGasMargin(estimate: bigint): bigint {
  return estimate + estimate / 8n + EMPTIED_WORD
}
