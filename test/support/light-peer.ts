import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { bytesToHex, hexToBytes, type Address, type Hex } from 'viem'
import {
  decode,
  LightPushRequestV3,
  LightPushResponseV3,
  OfferRequest,
  OfferResponse,
  PayRequest,
  PayResponse,
  PROTOCOLS,
  request,
  StoreQueryRequest,
  StoreQueryResponse,
  type WakuMessage,
} from '@teahouse/protocol/wire'

const MAX_BYTES = 5 * 1024 * 1024
const TIMEOUT_MS = 60_000

/** A peer that relays nothing and speaks the request protocols by hand, also wrongly. */
export type LightPeer = Awaited<ReturnType<typeof newLightPeer>>

/** Connects a new light peer with the node at `address` (a multiaddr with peer id). `stop()` it. */
export async function newLightPeer(address: string) {
  const host = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  const connection = await host.dial(multiaddr(address))

  /** One request with these very bytes in its frame; the bytes of the reply. */
  async function send(protocol: string, bytes: Uint8Array): Promise<Uint8Array> {
    const stream = await connection.newStream(protocol)
    return await request(stream, bytes, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
  }

  return {
    peerId: host.peerId.toString(),
    send,
    openStream: (protocol: string) => connection.newStream(protocol),
    connected: () => connection.status === 'open',
    push: async (message: WakuMessage, pubsubTopic?: string) => {
      const fields = { requestId: 'push', message, ...(pubsubTopic === undefined ? {} : { pubsubTopic }) }
      return decode(LightPushResponseV3, await send(PROTOCOLS.lightPush, LightPushRequestV3.encode(fields)))
    },
    query: async (fields: Partial<StoreQueryRequest> = {}) => {
      const query = {
        requestId: 'query',
        includeData: true,
        paginationForward: true,
        contentTopics: [],
        messageHashes: [],
      }
      return decode(
        StoreQueryResponse,
        await send(PROTOCOLS.store, StoreQueryRequest.encode({ ...query, ...fields })),
      )
    },
    offer: async () => {
      return decode(OfferResponse, await send(PROTOCOLS.offer, OfferRequest.encode({ requestId: 'offer' })))
    },
    pay: async (
      voucher: { payer: Address; payee: Address; epoch: bigint; cumulative: bigint },
      signature: Hex,
    ) => {
      const { payer, payee, epoch, cumulative } = voucher
      const fields = {
        payer: hexToBytes(payer),
        payee: hexToBytes(payee),
        epoch,
        cumulative: hexToBytes(`0x${cumulative.toString(16).padStart(32, '0')}`),
        signature: hexToBytes(signature),
      }
      const reply = await send(PROTOCOLS.pay, PayRequest.encode({ requestId: 'pay', voucher: fields }))
      const { statusCode, statusDesc, credit, cumulative: booked } = decode(PayResponse, reply)
      return { statusCode, statusDesc, credit: amount(credit), cumulative: amount(booked) }
    },
    stop: async () => host.stop(),
  }
}

const amount = (bytes: Uint8Array) => (bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes)))
