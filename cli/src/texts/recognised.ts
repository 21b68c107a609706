import type { Text } from './say.ts'

/**
 * What the client and nodes say in English of steps, holdings and problems, with {0}, {1} … for the values: they know no language, and the catalogues
 * have these sentences by their words. `catalogue.test.ts` finds one of theirs that is missing here.
 */
export const SENTENCES: readonly string[] = [
  // client/src/exit/plans: what a deployment holds
  'announcement of operator {0}',
  'delegation to operator {0} for service {1}',
  'deposit for channels',
  'channel to {0}',
  'challenge {0}, bond of {1} coins',
  'deposit of membership {0}',
  'stake of operator {0} for service {1}',
  'rest of envelope {0}',
  'fees of operator {0}',
  'fees of {0} memberships with operator {1}',
  'fees that former members owe operator {0}',
  'fees to come to operator {0}',
  'payment that could not be made before',
  'payment of {0} coins that could not be made before',
  'deal {0} as {1}',
  'payer',
  'payee',
  'advancer',
  // … and what is to be done about it
  'retire the node',
  'undelegate',
  'withdraw the delegation',
  'withdraw it',
  'withdraw the deposit',
  'thaw the channel',
  'close the channel',
  'let the challenge lapse',
  'convict the node',
  'only who has the receipt can end it: it was challenged through another contract',
  'leave',
  'thaw the stake',
  'withdraw the stake',
  'take back what nobody claimed',
  'take the rest back',
  'the operator is not in good standing',
  'its stake gives it no credit yet; try again later',
  'claim the fees',
  'claim what is owed',
  'claim what waits',
  'close the deal',
  'take the offer back',
  'release the deal',
  'refund the deal',
  'close it as its terms foresee',
  // client/src/operator: what an owner sends
  'allow {0} to take {1} tokens',
  'send {0} coins to the node key, for its gas',
  'announce the node',
  'create the operator',
  'stake {0} tokens',
  'join for the node: {0} tokens of deposit, {1} of fee',
  'take the announcement back',
  'thaw {0} tokens',
  'name {0} as node and {1} as payee',
  // nodes/src/http/routes/health.ts
  'The node has not read yet who the members are, and refuses all messages.',
  'Wait until it has caught up with the chain; if that takes long, look at CHAIN_AWAY and the log.',
  'What the node read of the members does not fit the hash on chain, and it refuses all messages.',
  'An RPC endpoint tells falsehoods or leaves events out: set "rpcUrls" to another one and restart.',
  'The chain answers, but not about members: who joined or left lately is unknown, and those that joined are refused.',
  'Look in the log for what the "membership" listener postponed; an RPC endpoint may refuse logs ("eth_getLogs").',
  'No RPC endpoint answers. Messages are relayed, kept and served; settlement waits.',
  'Check "rpcUrls" and the way there; the node goes on asking by itself.',
  'The node is connected with nobody, so that what is published reaches nobody.',
  'Check the network and "announce"; connect it with POST /admin/v1/peers.',
]

const FINDERS = SENTENCES.map((key) => ({ key, pattern: patternOf(key) }))

/** A sentence of a library as one that other languages have, too; one that is not known stays as it is. */
export function recognised(sentence: string): Text {
  for (const { key, pattern } of FINDERS) {
    const found = pattern.exec(sentence)
    if (found) return { key, values: found.slice(1).map(recognised) }
  }
  return sentence
}

/** Values are one word each: numbers, amounts, addresses, roles. */
function patternOf(key: string): RegExp {
  const parts = key.split(/\{\d+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('(\\S+)')}$`)
}
