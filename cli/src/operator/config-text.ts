import type { LocalNetwork } from '@teahouse/protocol/chain'
import { isIP } from 'node:net'

export interface NewConfig {
  readonly network: Pick<LocalNetwork, 'chainId' | 'contracts' | 'clusterId' | 'shards' | 'verificationKeyId'>
  readonly rpcUrls: readonly string[]
  readonly profile: string
  /** Name or address by which others reach the node. */
  readonly host: string
  /** Of TCP; WebSocket has the next one. */
  readonly port: number
  readonly apiPort: number
  /** Price of a store query in the token's smallest unit. */
  readonly price: bigint
  /** Requests that everybody has free in a minute. */
  readonly free: number
  readonly hasMembership: boolean
}

/** Listening on loopback tells nobody outside, so there is nothing else to announce. */
const LOOPBACK = /^127\.|^::1$/

/** A configuration file with a comment above each setting. What is left out has its default. */
export function configText(config: NewConfig): string {
  const { network, rpcUrls, profile, apiPort, price, free, hasMembership } = config
  const { chainId, contracts, clusterId, shards, verificationKeyId } = network
  const settings: [comment: string, key: string, value: unknown][] = [
    [
      'What the node must not lose, beside the keys. Relative paths begin in the folder of this file.',
      'dataDir',
      'data',
    ],
    ['The node key, encrypted: its peer id, and its account on chain.', 'keyFile', 'node.key.json'],
    ['The operator that the node works for. `teahouse node stake` writes it here.', 'operatorId', 0],
    ['edge, relay, store or full: docs/profiles.md. May be changed while the node runs.', 'profile', profile],
    ['Where the node listens, and what it tells others instead.', 'listen', listenOn(config)],
    ['', 'announce', announceAs(config)],
    ['The network.', 'clusterId', clusterId],
    ['', 'shards', shards],
    ['', 'chainId', chainId],
    [
      'Endpoints of its chain. Take three, of providers that have nothing in common: they have to agree.',
      'rpcUrls',
      rpcUrls,
    ],
    ['', 'contracts', contracts],
    [
      'For the operator alone, and on this machine only: `teahouse node status` asks here. docs/api.md',
      'api',
      { host: '127.0.0.1', port: apiPort },
    ],
    [
      'What requests cost, in the smallest unit of the token. What has no price is free.',
      'payments',
      payments(price, free),
    ],
  ]
  const rln = {
    ...(hasMembership && { identityFile: 'identity.json' }),
    ...(verificationKeyId !== undefined && { verificationKeyId }),
  }
  if (Object.keys(rln).length > 0)
    settings.push([
      "The node's own membership: under it goes what people push without a proof of theirs.",
      'rln',
      rln,
    ])
  return render(settings)
}

const HEAD =
  '// A Teahouse node: docs/operators.md. Settings that are not here have their defaults; to see all of them:\n' +
  '// teahouse node run --config config.json --print-config\n'

function render(settings: readonly [comment: string, key: string, value: unknown][]): string {
  const lines = settings.map(([comment, key, value], at) => {
    const above = comment === '' ? '' : `${at === 0 ? '' : '\n'}  // ${comment}\n`
    const text = JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')
    return `${above}  ${JSON.stringify(key)}: ${text}`
  })
  return `${HEAD}{\n${lines.join(',\n')}\n}\n`
}

const payments = (price: bigint, freeQuota: number) => ({
  prices: price > 0n ? { 'store-query': price.toString() } : {},
  freeQuota,
})

function listenOn({ host, port }: NewConfig): string[] {
  const at = LOOPBACK.test(host) ? host : isIP(host) === 6 ? '::' : '0.0.0.0'
  const base = `/ip${isIP(at)}/${at}/tcp`
  return [`${base}/${port}`, `${base}/${port + 1}/ws`]
}

function announceAs({ host, port }: NewConfig): string[] {
  if (LOOPBACK.test(host)) return []
  const version = isIP(host)
  const base = version === 0 ? `/dns4/${host}/tcp` : `/ip${version}/${host}/tcp`
  return [`${base}/${port}`, `${base}/${port + 1}/ws`]
}

const OPERATOR_ID = /^(\s*"operatorId":\s*)\d+/m

/** The text with another operator id, and nothing else changed; undefined if there is no line to change. */
export function withOperatorId(text: string, id: number): string | undefined {
  return OPERATOR_ID.test(text)
    ? text.replace(OPERATOR_ID, (_, before: string) => `${before}${id}`)
    : undefined
}
