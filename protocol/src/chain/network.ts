import { getAddress, isAddress } from 'viem'
import * as z from 'zod/mini'

const AddressSchema = z.pipe(
  z.string().check(z.refine((value) => isAddress(value, { strict: false }), 'not an address')),
  z.transform((value) => getAddress(value)),
)

/** Address of every contract of a deployment, checksummed. */
export const ContractAddresses = z.object({
  Token: AddressSchema,
  MembershipRegistry: AddressSchema,
  OperatorStaking: AddressSchema,
  ServiceRegistry: AddressSchema,
  PaymentChannels: AddressSchema,
  Escrow: AddressSchema,
  RedEnvelope: AddressSchema,
  RetrievalCourt: AddressSchema,
  ArchiveCourt: AddressSchema,
})
export type ContractAddresses = z.output<typeof ContractAddresses>

/** The evaluators of deals that are part of a deployment. Anyone may deploy others. */
export const Evaluators = z.object({
  CabRide: AddressSchema,
  Milestones: AddressSchema,
  ParametricInsurance: AddressSchema,
})
export type Evaluators = z.output<typeof Evaluators>

/** What `.teahouse/local.json` says about the network that runs on this machine. Unknown fields are dropped. */
export const LocalNetwork = z.object({
  /** JSON-RPC endpoint of the chain; without one, the nodes are asked: docs/wire/chain.md. */
  rpcUrl: z.optional(z.url({ protocol: /^(https?|wss?)$/ })),
  chainId: z.int().check(z.positive()),
  contracts: ContractAddresses,
  /** Contracts of the deployment that may judge deals. */
  evaluators: z.optional(Evaluators),
  clusterId: z.int().check(z.nonnegative(), z.lte(0xffff)),
  /** How many shards the cluster has, numbered from 0. */
  shards: z.int().check(z.positive(), z.lte(1024)),
  /** Id of the key that the network's proofs are verified with (rln/network-key.ts); the committed one without it. */
  verificationKeyId: z.optional(z.string().check(z.regex(/^0x[0-9a-f]{64}$/))),
  /** Nodes that run now; a client may also find them by the service registry. */
  nodes: z.array(
    z.object({
      /** Operator id on chain. */
      operator: z.int().check(z.positive()),
      peerId: z.string().check(z.minLength(1)),
      multiaddrs: z.array(z.string().check(z.startsWith('/'))),
      /** Where `/health` and `/info` are served. */
      apiUrl: z.url({ protocol: /^https?$/ }),
    }),
  ),
})
export type LocalNetwork = z.output<typeof LocalNetwork>
