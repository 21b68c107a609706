import {
  formatAmount,
  type CourtCase,
  type Evidence,
  type KeptMessageReceipt,
  type KeptReceipt,
} from '@teahouse/client'
import { showDate } from '../../output.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

export function showFault(found: Evidence): Text {
  if (found.fault === 'omission') {
    const { operator, shard, hour, messageHash } = found.receipt
    return say`${found.id}  operator ${operator} left out ${messageHash} of shard ${shard}, hour ${hour}`
  }
  const { operator, shard, hour } = found.first
  return say`${found.id}  operator ${operator} said two things of shard ${shard}, hour ${hour}`
}

export function showMessageReceipt({ id, receipt }: KeptMessageReceipt): Text[] {
  const { operator, messageHash, shard, hour, liability } = receipt
  return [
    say`Receipt  ${id}`,
    say`  operator ${operator} has message ${messageHash} in the root of shard ${shard}, hour ${hour}, or loses ${formatAmount(liability)} tokens`,
  ]
}

const STAGES: Readonly<Record<CourtCase['stage'], Said>> = {
  quiet: say`quiet`,
  open: say`under challenge`,
  drawn: say`drawn`,
  convicted: say`convicted`,
}
const NEXT: Readonly<Record<CourtCase['next'], Said>> = {
  challenge: say`challenge`,
  wait: say`wait`,
  draw: say`draw`,
  answer: say`answer it`,
  lapse: say`let it lapse`,
  convict: say`convict`,
  nothing: say`nothing`,
}

export function showCase({
  receipt,
  case: found,
}: {
  receipt: KeptReceipt['receipt']
  case: CourtCase
}): Text[] {
  const { operator, size, until, liability } = receipt
  const { id, stage, deadline, endsAt, next } = found
  return [
    say`Receipt  ${id}`,
    say`  operator ${operator} keeps ${size} bytes until ${showDate(endsAt ?? until)}, or loses ${formatAmount(liability)} tokens`,
    say`  ${STAGES[stage]}${deadline === undefined ? '' : say` until ${showDate(deadline)}`}; next: ${NEXT[next]}`,
  ]
}
