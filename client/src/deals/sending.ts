import { encodeFunctionData, isAddressEqual, type Abi, type Hex } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import type { Call } from '../chain/call.ts'
import type { SignedAct } from './signed.ts'
import { DealError } from './terms.ts'

/** The escrow's call for what somebody signed, its permit before it. Throws DealError BAD_SIGNED for a Settlement: it takes two. */
export function callOf(signed: SignedAct): Call {
  const call = actCall(signed)
  const { permit, signer } = signed
  if (!permit) return call
  const { value, deadline, v, r, s } = permit
  const abi: Abi = abis.Escrow
  const parts = [
    encodeFunctionData({
      abi: abis.Escrow,
      functionName: 'tryPermitFor',
      args: [signer, value, deadline, v, r, s],
    }),
    encodeFunctionData({ abi, functionName: call.functionName, args: call.args }),
  ]
  return { ...call, functionName: 'multicall', args: [parts] }
}

function actCall({ offer: { terms }, act, signer, signature }: SignedAct): Call {
  const call = (functionName: string, args: readonly unknown[]): Call => ({
    ...{ action: `send the signed ${act.act}`, contract: 'Escrow', functionName },
    args: [terms, ...args, act.deadline, signature],
  })
  switch (act.act) {
    case 'Funding':
      return call('fundFor', [])
    case 'Acceptance':
      return call('acceptFor', [])
    case 'Release':
      return call('releaseFor', [])
    case 'Refund':
      return call('refundFor', [])
    case 'PartRelease':
      return call('releasePartFor', [act.total])
    case 'Dispute':
      return call('disputeFor', [signer, act.advancer])
    case 'Answer':
      return call('answerFor', [signer])
    case 'Ruling':
      return call('ruleFor', [act.payeeAmount])
    case 'Settlement':
      throw bad('a settlement takes two signatures')
  }
}

/** The call that closes a deal by a split that both signed, in whichever order they come. Throws DealError BAD_SIGNED. */
export function settlementOf(one: SignedAct, other: SignedAct): Call {
  const { terms, deal } = one.offer
  if (one.act.act !== 'Settlement' || other.act.act !== 'Settlement') throw bad('it is no settlement')
  const isSame =
    deal === other.offer.deal &&
    one.act.payeeAmount === other.act.payeeAmount &&
    one.act.deadline === other.act.deadline
  if (!isSame) throw bad('the two signed different settlements')
  const of = (party: Hex): Hex | undefined =>
    [one, other].find(({ signer }) => isAddressEqual(signer, party))?.signature
  const [payer, payee] = [of(terms.payer), of(terms.payee)]
  if (!payer || !payee) throw bad('one of the two has not signed')
  return {
    ...{ action: 'settle the deal', contract: 'Escrow', functionName: 'settle' },
    args: [terms, one.act.payeeAmount, one.act.deadline, payer, payee],
  }
}

function bad(why: string): DealError {
  return new DealError(`What was signed can't be sent: ${why}`, { code: 'BAD_SIGNED', why })
}
