// A process that relays one topic as js-waku does (@waku/relay), without proofs: gossipsub, StrictNoSign, and a check that it is a message. Prints its
// address; dials the one that it is given.
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub, StrictNoSign, TopicValidatorResult } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { sha256 } from '@noble/hashes/sha2.js'
import { decodeMessage, PROTOCOLS } from '@teahouse/protocol/wire'
import { createLibp2p } from 'libp2p'

const [topic = '', address] = process.argv.slice(2)
const create = gossipsub({
  msgIdFn: ({ data }) => sha256(data),
  globalSignaturePolicy: StrictNoSign,
  fallbackToFloodsub: false,
  allowPublishToZeroTopicPeers: true,
})
const net = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: {
    identify: identify(),
    ping: ping(),
    pubsub: (components: Parameters<typeof create>[0]) => {
      const service = create(components)
      service.protocols.splice(0, service.protocols.length, PROTOCOLS.relay)
      return service
    },
  },
})
net.services.pubsub.topicValidators.set(topic, (_from, { data }) => {
  try {
    decodeMessage(data)
    return TopicValidatorResult.Accept
  } catch {
    return TopicValidatorResult.Reject
  }
})
net.services.pubsub.subscribe(topic)
if (address !== undefined) await net.dial(multiaddr(address))
console.log(net.getMultiaddrs()[0]!.toString())
