import type { ExitItem, ExitPlan, ExitStep } from '../plan.ts'

/** What nobody has claimed of the account's red envelopes: comes back from their expiry on. */
export const envelopesPlan: ExitPlan = {
  contract: 'RedEnvelope',
  async find({ account, addresses, abis, reader, events, now }) {
    const created = await events('RedEnvelope', 'EnvelopeCreated', { creator: account })
    const items: Omit<ExitItem, 'contract'>[] = []
    for (const { args } of created) {
      const { left } = await reader.readContract({
        address: addresses['RedEnvelope']!,
        abi: abis.RedEnvelope,
        functionName: 'envelope',
        args: [args.envelope],
      })
      if (left === 0n) continue
      const { expiry } = args.terms
      const next: ExitStep =
        now < expiry
          ? { kind: 'wait', until: expiry, then: 'take back what nobody claimed' }
          : { kind: 'call', does: 'take the rest back', functionName: 'refund', args: [args.terms] }
      items.push({ what: `rest of envelope ${args.envelope}`, amount: left, next })
    }
    return items
  },
}
