/** The libp2p protocol ids that a Teahouse node serves. */
export const PROTOCOLS = {
  relay: '/vac/waku/relay/2.0.0',
  store: '/vac/waku/store-query/3.0.0',
  filterSubscribe: '/vac/waku/filter-subscribe/2.0.0-beta1',
  filterPush: '/vac/waku/filter-push/2.0.0-beta1',
  lightPush: '/vac/waku/lightpush/3.0.0',
  lightPushV2: '/vac/waku/lightpush/2.0.0-beta1',
  reconciliation: '/vac/waku/reconciliation/1.0.0',
  transfer: '/vac/waku/transfer/1.0.0',
  metadata: '/vac/waku/metadata/1.0.0',
  peerExchange: '/vac/waku/peer-exchange/2.0.0-alpha1',
  rendezvous: '/rendezvous/1.0.0',
  kademlia: '/teahouse/kad/1.0.0',
  pay: '/teahouse/pay/1',
  offer: '/teahouse/offer/1',
  member: '/teahouse/member/1',
  root: '/teahouse/root/1',
  lease: '/teahouse/lease/1',
  blob: '/teahouse/blob/1',
  chain: '/teahouse/chain/1',
  wake: '/teahouse/wake/1',
  dialBack: '/teahouse/dial-back/1',
} as const

/** The name of a protocol in {@link PROTOCOLS}. */
export type ProtocolName = keyof typeof PROTOCOLS
