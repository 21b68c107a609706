import type { Address } from 'viem'

export type ScopedContract =
  | 'Token'
  | 'MembershipRegistry'
  | 'PaymentChannels'
  | 'Escrow'
  | 'RedEnvelope'
  | 'RetrievalCourt'
  | 'ArchiveCourt'

export interface ScopesOptions {
  readonly chainId: number
  /** The start of the first block's hash: two local chains may share id and addresses. */
  readonly genesis: string
  readonly account: Address
  readonly contracts: Readonly<Record<ScopedContract, Address>>
}

/**
 * Under which names one store keeps what belongs to an account.
 *
 * RLN knows a network by chain id and registry alone, and both are the same on a local chain that starts again. So
 * message ids and slots outlive the chain: ids that began anew with it would repeat within the epoch and reveal the
 * secret. What has a meaning on one chain only is kept apart by its first block.
 */
export function scopesOf({ chainId, genesis, account, contracts }: ScopesOptions) {
  const { Token, MembershipRegistry, PaymentChannels, Escrow, RedEnvelope, RetrievalCourt, ArchiveCourt } =
    contracts
  const rln = scoped(String(chainId), MembershipRegistry, account)
  return {
    messageIds: `message-ids/${rln}`,
    slots: rln,
    membership: scoped('own', genesis, MembershipRegistry, account),
    vouchers: scoped(genesis, PaymentChannels, account),
    outbox: scoped(genesis, account),
    delivery: scoped(genesis, account),
    chat: scoped(genesis, account),
    files: scoped(genesis, account),
    attachments: scoped('attachments', genesis, account),
    deals: scoped(genesis, Escrow, account),
    market: scoped(genesis, account),
    money: scoped(genesis, Token, account),
    envelopes: scoped(genesis, RedEnvelope, account),
    /** The same for everybody on this network. */
    network: scoped(String(chainId), genesis, PaymentChannels),
    quota: scoped(genesis, MembershipRegistry, account),
    receipts: scoped(genesis, RetrievalCourt, account),
    evidence: scoped(genesis, ArchiveCourt, account),
  }
}

const scoped = (...parts: string[]): string => parts.join('/').toLowerCase()

export type Scopes = ReturnType<typeof scopesOf>
