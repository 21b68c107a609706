import { zeroHash } from 'viem'
import type { ExitItem, ExitPlan } from '../plan.ts'
import { operatorsOf } from './operators.ts'

/** What the account's operators announce: without it nobody looks for their nodes here. */
export const announcementPlan: ExitPlan = {
  contract: 'ServiceRegistry',
  async find(context) {
    const { addresses, abis, reader } = context
    const registry = { address: addresses['ServiceRegistry']!, abi: abis.ServiceRegistry } as const
    const items: Omit<ExitItem, 'contract'>[] = []
    for (const { id } of await operatorsOf(context, 'owner')) {
      const record = await reader.readContract({ ...registry, functionName: 'recordHash', args: [id] })
      if (record === zeroHash) continue
      const next = { kind: 'call', does: 'retire the node', functionName: 'retire', args: [id] } as const
      items.push({ what: `announcement of operator ${id}`, amount: 0n, next })
    }
    return items
  },
}
