import { type Address, isAddressEqual, zeroAddress } from 'viem'
import type { ExitContext, ExitItem, ExitPlan, ExitStep } from '../plan.ts'

/** Every channel that the account pays from: thaw, wait, deallocate; then what is free. */
export const channelsPlan: ExitPlan = {
  contract: 'PaymentChannels',
  async find(context) {
    const { account: payer, addresses, abis, reader, events } = context
    const allocated = await events('PaymentChannels', 'Allocated', { payer })
    const payees = new Set(allocated.map(({ args }) => args.payee))
    const channels = await Promise.all([...payees].map((payee) => channelTo(context, payee)))
    const items = channels.flatMap((item) => (item ? [item] : []))

    const free = await reader.readContract({
      address: addresses['PaymentChannels']!,
      abi: abis.PaymentChannels,
      functionName: 'balance',
      args: [payer],
    })
    // What is about to become free goes out in the same withdrawal.
    const isGrowing = items.some(({ next }) => next.kind === 'call' && next.functionName === 'deallocate')
    if (free > 0n && !isGrowing) {
      const next = {
        kind: 'call',
        does: 'withdraw the deposit',
        functionName: 'withdraw',
        args: [free],
      } as const
      items.push({ what: 'deposit for channels', amount: free, next })
    }
    return items
  },
}

async function channelTo(
  { account, addresses, abis, reader, now }: ExitContext,
  payee: Address,
): Promise<Omit<ExitItem, 'contract'> | undefined> {
  const channel = await reader.readContract({
    address: addresses['PaymentChannels']!,
    abi: abis.PaymentChannels,
    functionName: 'account',
    args: [account, payee],
  })
  if (isAddressEqual(channel.signer, zeroAddress)) return undefined
  const until = channel.thawingUntil
  const call = (does: string, functionName: string) =>
    ({ kind: 'call', does, functionName, args: [payee] }) as const
  const next: ExitStep =
    until === 0
      ? call('thaw the channel', 'thaw')
      : now < until
        ? { kind: 'wait', until, then: 'close the channel' }
        : call('close the channel', 'deallocate')
  return { what: `channel to ${payee}`, amount: channel.allocated - channel.collected, next }
}
