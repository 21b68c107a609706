/**
 * Floods a node with messages whose proofs are in form and do not hold, by gossip, until it is killed: points on their
 * curves, the current root, a good x, a nullifier of its own. Comes back under a new name whenever it is turned away, and
 * says so on standard output: `refused` once it was disconnected and its old name is not let in again.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { messageX } from '@teahouse/protocol/rln'
import { decodeMessage, encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { toLittleEndian } from '../../../protocol/src/rln/field.ts'
import { host, startHost, type Net } from '../../../nodes/src/net/index.ts'

const [, , address, pubsubTopic, file] = process.argv
/** Messages that are sent before the sockets get a turn: about 1,000 a second. */
const BURST = 5
const PAUSE_MS = 5
const model = decodeMessage(readFileSync(file!))

function forged(): Uint8Array {
  const timestamp = BigInt(Date.now()) * 1_000_000n
  const message: WakuMessage = { ...model, timestamp, payload: new Uint8Array(randomBytes(32)) }
  const nullifier = new Uint8Array(randomBytes(32))
  nullifier[31] = 0
  const shareX = toLittleEndian(messageX(message))
  return encodeMessage({ ...message, rateLimitProof: { ...model.rateLimitProof!, nullifier, shareX } })
}

async function newName(privateKey = new Uint8Array(randomBytes(32))): Promise<Net> {
  const net = await host({ listen: [] })({ privateKey, topics: [pubsubTopic!] })
  await startHost(net)
  return net
}

async function isLetIn(net: Net): Promise<boolean> {
  try {
    const connection = await net.dial(multiaddr(address))
    await sleep(300)
    return connection.status === 'open'
  } catch {
    return false
  }
}

async function floodUntilTurnedAway(): Promise<void> {
  const privateKey = new Uint8Array(randomBytes(32))
  const net = await newName(privateKey)
  const { pubsub } = net.services
  pubsub.subscribe(pubsubTopic!)
  await net.dial(multiaddr(address))
  while (pubsub.getSubscribers(pubsubTopic!).length === 0) {
    if (net.getConnections().length === 0) break
    await sleep(10)
  }
  while (net.getConnections().length > 0) {
    for (let sent = 0; sent < BURST; sent++) {
      await pubsub.publish(pubsubTopic!, forged()).catch(() => undefined)
    }
    await sleep(PAUSE_MS)
  }
  await net.stop()
  const again = await newName(privateKey)
  writeSync(1, (await isLetIn(again)) ? 'let in again\n' : 'refused\n')
  await again.stop()
}

for (;;) await floodUntilTurnedAway().catch((error: unknown) => writeSync(2, `${String(error)}\n`))
