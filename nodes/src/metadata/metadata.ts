import { decode, PROTOCOLS, WakuMetadataRequest, WakuMetadataResponse } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { serve, ServeConfig, type Net, type Service } from '../net/index.ts'

export const MetadataConfig = ServeConfig.extend({
  /** Bytes of the largest request. */
  maxRequestBytes: z
    .int()
    .positive()
    .default(16 * 1024),
})

export interface MetadataDeps {
  readonly net: Net
  readonly clusterId: number
  /** The shards that the node relays. */
  readonly shards: readonly number[]
  readonly log: Logger
}

/**
 * `/vac/waku/metadata/1.0.0`: tells cluster and shards; the protocol has no status, so a malformed request gets the same
 * answer. Wire format: docs/wire/metadata.md.
 */
export function metadata(init: z.input<typeof MetadataConfig> = {}) {
  const config = MetadataConfig.parse(init)
  return ({ net, clusterId, shards, log }: MetadataDeps): Service => {
    const response = WakuMetadataResponse.encode({ clusterId, shards: [...shards] })
    return serve(net, log, {
      ...config,
      protocol: PROTOCOLS.metadata,
      async answer(bytes, { peerId }) {
        const { clusterId: theirs } = decode(WakuMetadataRequest, bytes, { shards: 1_024 })
        if (theirs !== undefined && theirs !== clusterId)
          log.info({ peerId, theirs }, 'Met a peer of another cluster')
        return response
      },
      refuse: () => response,
    })
  }
}
