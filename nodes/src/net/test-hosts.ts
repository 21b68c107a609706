import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { TeahouseError } from '@teahouse/protocol/errors'
import { pubsubTopic, request, type FrameStream } from '@teahouse/protocol/wire'
import { pino, type Logger } from 'pino'
import type { z } from 'zod'
import type { NetConfig } from './config.ts'
import { host, type Net } from './host.ts'

/** For tests: hosts over loopback on the local network's cluster. */
export const CLUSTER_ID = 1984
export const SHARDS = 8
export const TOPICS = Array.from({ length: SHARDS }, (_, shard) => pubsubTopic(CLUSTER_ID, shard))
export const SILENT = pino({ level: 'silent' })

/** A host that is not started; `listen` and `config` as in NetConfig. */
export async function testHost(
  listen: string[] = ['/ip4/127.0.0.1/tcp/0'],
  config: Omit<z.input<typeof NetConfig>, 'listen'> = {},
  dataDir?: string,
  log?: Logger,
): Promise<Net> {
  const { raw } = await generateKeyPair('secp256k1')
  return host({ ...config, listen })({ privateKey: raw, topics: TOPICS, dataDir, log })
}

/** One request from one host to another, as a client would send it. */
export async function ask(from: Net, to: Net, protocol: string, bytes: Uint8Array): Promise<Uint8Array> {
  const stream = await open(from, to, protocol)
  return request(stream, bytes, { maxBytes: 8 * 1024 * 1024, timeoutMs: 10_000 })
}

/** A stream from one host to another. */
export async function open(from: Net, to: Net, protocol: string): Promise<Stream & FrameStream> {
  return from.dialProtocol(to.getMultiaddrs(), protocol)
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new TeahouseError(`Did not hold: ${String(condition)}`, { code: 'TIMED_OUT', timeoutMs })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
