import { type Abi, type Address, type Client, getContract, type GetContractReturnType } from 'viem'
import { readContract } from 'viem/actions'
import { abis, type ContractName } from './abis.ts'
import type { ContractAddresses } from './network.ts'

/** A viem client, or one to read and one to write with. */
export type ContractClient = Client | { readonly public: Client; readonly wallet: Client }

/** Typed handles (viem `getContract`) of all contracts of a deployment. Calls nothing. */
export function contractsAt<const C extends ContractClient>(
  addresses: ContractAddresses,
  client: C,
): Contracts<C> {
  return {
    Token: getContract({ address: addresses.Token, abi: abis.Token, client }),
    MembershipRegistry: getContract({
      address: addresses.MembershipRegistry,
      abi: abis.MembershipRegistry,
      client,
    }),
    OperatorStaking: getContract({ address: addresses.OperatorStaking, abi: abis.OperatorStaking, client }),
    ServiceRegistry: getContract({ address: addresses.ServiceRegistry, abi: abis.ServiceRegistry, client }),
    PaymentChannels: getContract({ address: addresses.PaymentChannels, abi: abis.PaymentChannels, client }),
    Escrow: getContract({ address: addresses.Escrow, abi: abis.Escrow, client }),
    RedEnvelope: getContract({ address: addresses.RedEnvelope, abi: abis.RedEnvelope, client }),
    RetrievalCourt: getContract({ address: addresses.RetrievalCourt, abi: abis.RetrievalCourt, client }),
    ArchiveCourt: getContract({ address: addresses.ArchiveCourt, abi: abis.ArchiveCourt, client }),
  }
}

/** What `contractsAt` gives for a client of type `C`. */
export type Contracts<C extends ContractClient = Client> = {
  readonly [Name in ContractName]: GetContractReturnType<(typeof abis)[Name], C>
}

/** Of a contract's handle, what only reads. */
export type ContractReaders = {
  readonly [Name in ContractName]: Contracts[Name] extends { readonly read: infer Read }
    ? { readonly address: Address; readonly abi: (typeof abis)[Name]; readonly read: Read }
    : never
}

/** What `contractsAt` gives, without what writes and watches: a page that only reads need not load that. Calls nothing. */
export function contractReadersAt(addresses: ContractAddresses, client: Client): ContractReaders {
  const names = Object.keys(abis) as ContractName[]
  const readers = names.map((name) => {
    const address = addresses[name]
    const abi: Abi = abis[name]
    const read = new Proxy(
      {},
      {
        get:
          (_, functionName: string) =>
          (...[args, options]: [(readonly unknown[] | object)?, object?]) =>
            readContract(client, {
              ...{ address, abi, functionName },
              ...(Array.isArray(args) ? { args, ...options } : args),
            }),
      },
    )
    return [name, { address, abi, read }] as const
  })
  return Object.fromEntries(readers) as unknown as ContractReaders
}
