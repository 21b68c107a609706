import { verifyOffer, type Offer } from '@teahouse/protocol/payments'
import type { Offer as OfferMessage } from '@teahouse/protocol/wire'
import { bytesToBigInt, bytesToHex, isAddressEqual, size, type Address, type Hex } from 'viem'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import { PayError } from './errors.ts'

/** A node's signed prices, checked: its own key, this chain, this channels contract, its payee on chain. */
export interface NodeOffer extends Offer {
  readonly peerId: string
  readonly signature: Hex
}

/** Checks an offer that came from `node`, at `nowMs` milliseconds since 1970. Throws PayError BAD_OFFER. */
export async function checkOffer(
  { network, contracts }: Chain,
  node: NodeRecord,
  { channels, token, payee, prices, signature, ...rest }: OfferMessage,
  nowMs: number,
): Promise<NodeOffer> {
  const { peerId } = node
  const bad = (why: string, cause?: unknown) =>
    new PayError(`The offer of ${peerId} is not valid: ${why}`, { code: 'BAD_OFFER', peerId, why }, { cause })
  if (rest.chainId !== BigInt(network.chainId)) throw bad('it is for another chain')
  if (!sameAddress(channels, contracts.PaymentChannels.address)) throw bad('it is for other payment channels')
  if (!sameAddress(token, contracts.Token.address)) throw bad('it is for another token')
  if (!sameAddress(payee, node.payee)) throw bad('its payee is not the one on chain')
  if (rest.operatorId !== node.operatorId) throw bad('it is of another operator')
  if (prices.some(({ price }) => price.length > 16)) throw bad('a price is out of range')
  if (new Set(prices.map(({ service }) => service)).size !== prices.length)
    throw bad('it names a service twice')
  const offer: Offer = {
    operatorId: rest.operatorId,
    payee: node.payee,
    validUntil: rest.validUntil,
    prices: prices.map((entry) => ({
      ...entry,
      price: entry.price.length > 0 ? bytesToBigInt(entry.price) : 0n,
    })),
  }
  const signed = bytesToHex(signature)
  const nowSeconds = BigInt(Math.floor(nowMs / 1000))
  const { address } = contracts.PaymentChannels
  const check = verifyOffer(address, network.chainId, offer, signed, { node: node.node, nowSeconds })
  await check.catch((error: unknown) => {
    throw bad(error instanceof Error ? error.message : String(error), error)
  })
  return { ...offer, peerId, signature: signed }
}

function sameAddress(bytes: Uint8Array, address: Address): boolean {
  const hex = bytesToHex(bytes)
  return size(hex) === 20 && isAddressEqual(hex, address)
}
