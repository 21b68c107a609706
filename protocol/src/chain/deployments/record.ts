import { type Address, getAddress, isAddress, keccak256, stringToHex } from 'viem'
import { z } from 'zod'

const AddressSchema = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'not an address')
  .transform((value) => getAddress(value))
const Hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'not 32 bytes in hex')
  .transform((value) => value as `0x${string}`)

/** A constructor argument as JSON: integers as decimal strings, structs as objects. */
export type ArgumentJson = string | boolean | ArgumentJson[] | { [name: string]: ArgumentJson }
const Argument: z.ZodType<ArgumentJson> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.array(Argument), z.record(z.string(), Argument)]),
)

/** How a contract came to be. Enough to make it again, at the same address, on a chain of one's own. */
const Creation = z.strictObject({
  transaction: Hash,
  block: z.int().nonnegative(),
  deployer: AddressSchema,
  /** Of the deployer's transaction; with the deployer it gives the address. */
  nonce: z.int().nonnegative(),
  args: z.array(Argument),
  /** Address of each library that is linked in, by its name. */
  libraries: z.record(z.string(), AddressSchema),
  /** keccak256 of the compiled creation code with its libraries, without the arguments. */
  creationCodeHash: Hash,
})

/** One contract, or library, of a deployment. */
export const DeployedContract = z.strictObject({
  /** Source file and name: `contracts/escrow/Escrow.sol:Escrow`. */
  source: z.string().includes(':'),
  address: AddressSchema,
  /** keccak256 of the code on chain, immutables included. */
  codeHash: Hash,
  /** Missing if the contract was there before: the token of a public network. */
  created: Creation.optional(),
})
export type DeployedContract = z.output<typeof DeployedContract>

/** A file of `deployments/<chainId>/`: what stands on a chain, and how it was made. */
export const DeploymentRecord = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  chainId: z.int().positive(),
  /** Which version of the ABIs the contracts speak; see `abisOf`. */
  abiVersion: z.int().positive(),
  compiler: z.strictObject({
    version: z.string(),
    evmVersion: z.string(),
    optimizerRuns: z.int().nonnegative(),
    viaIR: z.boolean(),
  }),
  /** What people and nodes call, by the name in a deployment, in the order of creation. */
  contracts: z.record(z.string(), DeployedContract),
  /** What only other contracts call: libraries, verifiers, evaluators. */
  parts: z.record(z.string(), DeployedContract),
})
export type DeploymentRecord = z.output<typeof DeploymentRecord>

/**
 * The name of a deployment: the first 12 hex digits of the keccak256 of chain id, names and addresses, whatever the
 * commit that it was made from. Says nothing about the code there: `npm run deployments:check` does.
 */
export function deploymentId(chainId: number, addresses: Readonly<Record<string, Address>>): string {
  const lines = Object.entries(addresses)
    .map(([name, address]) => `${name}=${address.toLowerCase()}`)
    .sort()
  return keccak256(stringToHex(['teahouse/deployment/1', chainId, ...lines].join('\n'))).slice(2, 14)
}

/** The addresses of a record's contracts by name. */
export function addressesOf(record: Pick<DeploymentRecord, 'contracts'>): Record<string, Address> {
  return Object.fromEntries(Object.entries(record.contracts).map(([name, { address }]) => [name, address]))
}

/** The first block that can hold an event of the deployment's contracts; 0 if the record doesn't say of each. */
export function firstBlockOf(record: Pick<DeploymentRecord, 'contracts'>): bigint {
  const own = Object.entries(record.contracts).filter(([name]) => name !== 'Token')
  const blocks = own.map(([, { created }]) => created?.block ?? 0)
  return BigInt(blocks.length === 0 ? 0 : Math.min(...blocks))
}
