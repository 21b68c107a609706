import { readFileSync } from 'node:fs'
import { multiaddr } from '@multiformats/multiaddr'
import { getAddress, numberToHex, type Hex } from 'viem'
import { parseAmount } from '../../client/src/amounts.ts'
import { parseConfig } from '../../nodes/src/config.ts'
import { readPeerAddress } from '../../nodes/src/discovery/addresses.ts'
import { readPeerId } from '../../nodes/src/discovery/peer-address.ts'
import { recordAddresses } from '../../nodes/src/discovery/record-addresses.ts'
import { readPeerRecord, signPeerRecord } from '../../nodes/src/discovery/rendezvous/peer-record.ts'
import { parseJson } from '../../nodes/src/http/json.ts'
import { readAddress, readAmount } from '../../nodes/src/payments/amounts.ts'
import { exportWriter, readExport } from '../../nodes/src/store/transfer/format.ts'
import { decodePayload, encodePayload } from '../../nodes/src/sync/payload.ts'
import { readIncoming } from '../../nodes/src/sync/transfer.ts'
import {
  decodeBucket,
  decodeChanges,
  decodeRoots,
  encodeBucket,
  encodeChanges,
} from '../../protocol/src/member/messages.ts'
import { decodeRootAnswer } from '../../protocol/src/receipts/root-answer.ts'
import {
  decodeLeaseAnswer,
  decodeLeaseRequest,
  encodeLeaseAnswer,
  encodeLeaseRequest,
} from '@teahouse/protocol/lease'
import { accountParsers } from './parsers-account.ts'
import { blobParsers } from './parsers-blob.ts'
import { clientParsers } from './parsers-client.ts'
import { chainRelayParsers } from './parsers-chain-relay.ts'
import { LocalNetwork } from '@teahouse/protocol/chain'
import {
  cutBucket,
  decodeProof,
  decodeRateLimitProof,
  decodeSlot,
  membershipLedger,
  membershipTree,
  readNetworkKey,
  readSnapshot,
  SLOT_BYTES,
  snapshotHeader,
  writeSnapshot,
} from '@teahouse/protocol/rln'
import * as wire from '@teahouse/protocol/wire'
import { courtParsers } from './parsers-courts.ts'
import { dealLinkParsers } from './parsers-deal-links.ts'
import { moneyParsers } from './parsers-money.ts'
import { quotaParsers } from './parsers-quota.ts'
import { dealParsers } from './parsers-deals.ts'

/** One way in from outside: what it is given, and what it does with it. */
export type Parser = { readonly name: string } & (
  | {
      readonly takes: 'bytes'
      readonly good: readonly Uint8Array[]
      parse(bytes: Uint8Array): unknown
    }
  | { readonly takes: 'text'; readonly good: readonly string[]; parse(text: string): unknown }
)

const REGISTRY = getAddress(numberToHex(9, { size: 20 }))
const word = (value: number): Hex => numberToHex(value, { size: 32 })
const filled = (length: number, by: number) => new Uint8Array(length).fill(by)

const TOPIC = '/waku/2/rs/1/0'
const MESSAGE = {
  payload: filled(40, 1),
  contentTopic: '/teahouse/1/fuzz/proto',
  timestamp: 1_700_000_000_000_000_000n,
  meta: filled(8, 2),
  ephemeral: false,
}
const ENCODED = wire.encodeMessage(MESSAGE)
const PAGE = {
  blocks: [
    {
      number: 5n,
      hash: word(5),
      timestamp: 9,
      changes: [{ kind: 'exited', index: 1, idCommitment: 7n, holder: REGISTRY, ledger: word(8) } as const],
    },
  ],
  toBlock: 7n,
  toHash: word(7),
  ledgerHash: word(8),
}

const CLAIM = { first: 0, end: 4, nonce: filled(16, 2), signature: filled(64, 3) }

function snapshot(): Uint8Array {
  const ledger = membershipLedger({ graceSeconds: 100, rootWindowSeconds: 60, depth: 5, keepRecords: true })
  ledger.advance({ number: 1n, timestamp: 1 })
  const at = { chainId: 31337, registry: REGISTRY, blockHash: word(7) }
  const state = ledger.state()!
  return writeSnapshot(snapshotHeader(state, at), state)
}

function anExport(): Uint8Array {
  const writer = exportWriter()
  const stored = { pubsubTopic: TOPIC, bytes: ENCODED, hash: wire.messageHash(TOPIC, MESSAGE), ...MESSAGE }
  return Buffer.concat([writer.header(), writer.records([stored]), writer.trailer()])
}

async function drain(bytes: Uint8Array): Promise<void> {
  const source = (async function* () {
    yield bytes
  })()
  for await (const exported of readExport(source)) void exported
}

function fileText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The example of EIP-778. */
const ENR =
  'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAA' +
  'GJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8'

/** A configuration file as JSON. */
const CONFIG = JSON.stringify({
  dataDir: 'data',
  keyFile: 'key',
  clusterId: 1,
  chainId: 31337,
  rpcUrls: ['http://127.0.0.1:8545'],
  contracts: {},
})

const CODECS = Object.entries(wire as unknown as Record<string, wire.MessageCodec<unknown>>).filter(
  ([, value]) => typeof value.codec === 'function' && typeof value.decode === 'function',
)

/** Every protobuf message that either side of the network reads. */
const codecs: Parser[] = CODECS.map(([name, codec]) => ({
  name: `protobuf ${name}`,
  takes: 'bytes',
  good: [ENCODED, wire.WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: MESSAGE })],
  parse: (bytes) => wire.decode(codec, bytes),
}))

/** What is read of bytes, on the wire or from a file. */
const binary: Parser[] = [
  { name: 'message', takes: 'bytes', good: [ENCODED], parse: wire.decodeMessage },
  { name: 'proof, compressed', takes: 'bytes', good: [filled(128, 3)], parse: decodeProof },
  {
    name: 'rate limit proof',
    takes: 'bytes',
    good: [rateLimitProof()],
    parse: (bytes) => decodeRateLimitProof(wire.decode(wire.RateLimitProof, bytes)),
  },
  { name: 'slot', takes: 'bytes', good: [filled(SLOT_BYTES, 4)], parse: decodeSlot },
  { name: 'membership snapshot', takes: 'bytes', good: [snapshot()], parse: readSnapshot },
  {
    name: 'page of membership changes',
    takes: 'bytes',
    good: [wire.ChangesPage.encode(encodeChanges(PAGE))],
    parse: (bytes) => decodeChanges(wire.decode(wire.ChangesPage, bytes)),
  },
  {
    name: 'bucket of the membership tree',
    takes: 'bytes',
    good: [
      wire.BucketAnswer.encode(
        encodeBucket({ bucket: cutBucket(membershipTree(), 0), blockNumber: 1n, blockHash: word(1) }),
      ),
    ],
    parse: (bytes) => decodeBucket(wire.decode(wire.BucketAnswer, bytes)),
  },
  {
    name: 'signed membership roots',
    takes: 'bytes',
    good: [],
    parse: (bytes) => decodeRoots(wire.decode(wire.RootsAnswer, bytes), REGISTRY),
  },
  {
    name: 'sync payload',
    takes: 'bytes',
    good: [encodePayload({ pubsubTopics: [TOPIC], contentTopics: [], ranges: [] })],
    parse: decodePayload,
  },
  {
    name: 'message of a sync',
    takes: 'bytes',
    good: [wire.WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: MESSAGE })],
    parse: (bytes) => readIncoming(bytes, []),
  },
  { name: 'export of an archive', takes: 'bytes', good: [anExport()], parse: drain },
  {
    name: 'node record',
    takes: 'bytes',
    good: [wire.encodeEnr({ seq: 1n, pairs: new Map([['ip', filled(4, 127)]]) }, filled(32, 7))],
    parse: (bytes) => recordAddresses(wire.decodeEnr(bytes)),
  },
  { name: 'signed peer record', takes: 'bytes', good: [await peerRecord()], parse: readPeerRecord },
  {
    name: 'answer about the root of an hour',
    takes: 'bytes',
    good: [wire.RootResponse.encode({ requestId: 'a', statusCode: 200, statusDesc: 'OK' })],
    parse: decodeRootAnswer,
  },
  {
    name: 'request for message ids',
    takes: 'bytes',
    good: [encodeLeaseRequest({ key: filled(32, 1), epoch: 5n, claim: CLAIM })],
    parse: decodeLeaseRequest,
  },
  {
    name: 'answer about message ids',
    takes: 'bytes',
    good: [encodeLeaseAnswer({ status: 409, description: 'TAKEN', time: 5, taken: CLAIM })],
    parse: decodeLeaseAnswer,
  },
  { name: 'peer id of a service record', takes: 'bytes', good: [filled(39, 2)], parse: readPeerId },
  { name: 'amount', takes: 'bytes', good: [], parse: (bytes) => readAmount('amount', bytes) },
  { name: 'address', takes: 'bytes', good: [filled(20, 1)], parse: (bytes) => readAddress('payer', bytes) },
]

/** What is read of text: topics, JSON over HTTP and in files, what people type. */
const text: Parser[] = [
  {
    name: 'content topic',
    takes: 'text',
    good: ['/0/teahouse/1/fuzz/proto', MESSAGE.contentTopic],
    parse: wire.parseContentTopic,
  },
  { name: 'pubsub topic', takes: 'text', good: [TOPIC], parse: wire.parsePubsubTopic },
  { name: 'node record as text', takes: 'text', good: [ENR], parse: wire.enrFromText },
  {
    name: 'address of a peer',
    takes: 'text',
    good: ['/ip4/127.0.0.1/tcp/4001/p2p/16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ'],
    parse: readPeerAddress,
  },
  { name: 'JSON of a request', takes: 'text', good: ['{"a":[1,18446744073709551615]}'], parse: parseJson },
  { name: 'configuration', takes: 'text', good: [CONFIG], parse: (given) => parseConfig(jsonOf(given)) },
  {
    name: 'verification key',
    takes: 'text',
    good: [fileText('circuits/artifacts/rln_20.vkey.json')],
    parse: (given) => readNetworkKey(jsonOf(given)),
  },
  {
    name: 'record of a local network',
    takes: 'text',
    good: ['{"chainId":31337,"rpcUrl":"http://127.0.0.1:1","contracts":{}}'],
    parse: (given) => LocalNetwork.safeParse(jsonOf(given)),
  },
  { name: 'amount that somebody typed', takes: 'text', good: ['1.5', '0.000001'], parse: parseAmount },
]

/** What is no JSON goes in as it is: a parser of values has to refuse any. */
function jsonOf(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}

function peerRecord(): Promise<Uint8Array> {
  return signPeerRecord(filled(32, 7), [multiaddr('/ip4/127.0.0.1/tcp/4001')], 1n)
}

function rateLimitProof(): Uint8Array {
  const word32 = filled(32, 5)
  return wire.RateLimitProof.encode({
    proof: filled(128, 3),
    merkleRoot: word32,
    epoch: word32,
    shareX: word32,
    shareY: word32,
    nullifier: word32,
    rlnIdentifier: word32,
  })
}

export const PARSERS: readonly Parser[] = [
  ...codecs,
  ...binary,
  ...text,
  ...accountParsers,
  ...blobParsers,
  ...chainRelayParsers,
  ...clientParsers,
  ...courtParsers,
  ...dealParsers,
  ...dealLinkParsers,
  ...moneyParsers,
  ...quotaParsers,
]
