import { isAddressEqual, zeroAddress, type Address } from 'viem'
import type { Item, Shares, Statement } from '../statement.ts'
import type { Phrases } from './phrases.ts'
import { money, percent, span, stamp } from './units.ts'

const long = (seconds: number): string => span(seconds, 'zh-Hans')

function shares({ payer, payee, app }: Shares, { place: { unit } }: Statement): string {
  const parts: [string, bigint][] = [
    ['收款方得', payee],
    ['应用得手续费', app],
    ['付款方得', payer],
  ]
  return parts
    .filter(([, amount]) => amount > 0n)
    .map(([who, amount]) => `${who} ${money(amount, unit)}`)
    .join('，')
}

const isNone = (address: Address): boolean => isAddressEqual(address, zeroAddress)

function item(one: Item, statement: Statement): string {
  const { place, terms } = statement
  const { unit } = place
  switch (one.kind) {
    case 'accept':
      return (
        `收款方须在此后 ${long(one.within)}内、且不迟于 ${stamp(one.by)} 锁定 ${money(one.collateral, unit)} 作为担保，` +
        `否则全部退还付款方，付款方在此之前也可取回`
      )
    case 'release':
      return `付款方可随时放款（${shares(one.pays, statement)}）`
    case 'case': {
      const { when, from, before, final } = one.of
      const time = [from && `自 ${stamp(from)} 起`, before && `在 ${stamp(before)} 之前`]
        .filter(Boolean)
        .join('、')
      const all = final ? '交易随即结束' : '此为累计数额'
      return `若${time && `${time}，`}${when['zh-Hans']}，则${shares(one.pays, statement) || '不支付任何款项'}，${all}`
    }
    case 'refund':
      return `收款方可随时退款（${shares(one.pays, statement)}）`
    case 'dispute':
      return dispute(one, statement)
    case 'silence':
      return `若到 ${stamp(one.until)} 仍未结束${isNone(terms.arbiter) ? '' : '，也未提请仲裁'}，则余额的 ${percent(one.bps)} 归收款方（按全额计：${shares(one.pays, statement)}）`
  }
}

function dispute(one: Extract<Item, { kind: 'dispute' }>, statement: Statement): string {
  const { unit } = statement.place
  const bonds =
    one.answerWithin === undefined
      ? ''
      : `并存入 ${money(one.bond, unit)}，另一方须在 ${long(one.answerWithin)}内存入同样数额，否则失去全部余额，`
  const paid = one.bond > 0n ? '按双方各自败诉的比例从两份押金中支付' : '先从余额中扣除，余额不足则以余额为限'
  const fee = one.fee > 0n ? `仲裁费 ${money(one.fee, unit)}，${paid}` : '不收仲裁费'
  return (
    `在 ${stamp(one.until)} 之前任何一方可请仲裁人 ${one.arbiter} 裁决，${bonds}仲裁人此后有 ${long(one.rulingWithin)}在双方之间分配余额，` +
    `${fee}，且自此不收应用手续费；若仲裁人不作裁决，则余额的 ${percent(one.silentBps)} 归收款方` +
    `（按全额计：${shares(one.silent, statement)}），仲裁人不得分文`
  )
}

function deal(statement: Statement): string {
  const { terms, place, about } = statement
  const { payer, payee, amount, evaluator, deliverBy, appFeeBps, appFeeRecipient } = terms
  const judged = isNone(evaluator) ? '' : `，由合约 ${evaluator} 判定`
  const app = isNone(appFeeRecipient)
    ? ''
    : `（应用手续费：收款方无争议所得的 ${percent(appFeeBps)}，归 ${appFeeRecipient}）`
  return [
    `付款方 ${payer} 为${about['zh-Hans']}，在链 ${place.chainId} 的托管合约 ${place.escrow} 中为收款方 ${payee} 锁定 ` +
      `${money(amount, place.unit)}，须在 ${stamp(deliverBy)} 前交付${judged}${app}`,
    ...statement.items.map((one) => item(one, statement)),
    '双方一致同意时可作任何其他分配',
  ].join('；')
}

const appFee = (bps: number, recipient: string): string =>
  bps > 0 ? `，若无争议则从所得中扣除 ${percent(bps)} 的应用手续费归 ${recipient}` : ''

/** What is said in Simplified Chinese. */
export const zhHans: Phrases = {
  deal,
  until: (text, deadline) => `${text}（此签名在 ${stamp(deadline)} 之前有效）。`,
  sentence: (text) => `${text}。`,
  acts: {
    Funding: (whole) => `签名即表示付款方同意：${whole}`,
    Acceptance: (whole, { terms, place }) =>
      `签名即表示收款方 ${terms.payee} 锁定 ${money(terms.collateral, place.unit)} 作为担保并同意：${whole}`,
    Release: (id, { terms, place, pot }) =>
      `签名即表示付款方 ${terms.payer} 把交易 ${id} 的全部余额（至多 ${money(pot, place.unit)}）付给收款方 ${terms.payee}` +
      `${appFee(terms.appFeeBps, terms.appFeeRecipient)}，交易随即结束`,
    Refund: (id, { terms, place, pot }) =>
      `签名即表示签名人同意把交易 ${id} 的全部余额（至多 ${money(pot, place.unit)}）退还付款方 ${terms.payer}，交易随即结束；` +
      `收款方受约束之后只有收款方 ${terms.payee} 可以签署`,
    Answer: (id, { terms, place }) =>
      `签名即表示签名人为交易 ${id} 中被诉的一方存入 ${money(terms.bond, place.unit)}，由仲裁人 ${terms.arbiter} 在 ` +
      `${long(terms.rulingWindow)}内裁决，仲裁费 ${money(terms.arbiterFee, place.unit)}，按双方各自败诉的比例从两份押金中支付`,
    PartRelease: (id, { terms, place, pot }, total) =>
      `签名即表示付款方 ${terms.payer} 让收款方 ${terms.payee} 从交易 ${id} 的 ${money(pot, place.unit)} 中累计得到 ` +
      `${money(total, place.unit)}${appFee(terms.appFeeBps, terms.appFeeRecipient)}`,
    Dispute: (id, { terms, place }, advancer) =>
      `签名即表示签名人请仲裁人 ${terms.arbiter} 裁决交易 ${id}，` +
      (terms.bond > 0n
        ? `由 ${advancer} 存入 ${money(terms.bond, place.unit)}，`
        : `由 ${advancer} 代为提出，`) +
      `仲裁人在 ${long(terms.rulingWindow)}内裁决，仲裁费 ${money(terms.arbiterFee, place.unit)}`,
    Ruling: (id, { terms, place }, amount) =>
      `签名即表示仲裁人 ${terms.arbiter} 把交易 ${id} 余额中的 ${money(amount, place.unit)} 判给收款方 ${terms.payee}，仲裁费 ` +
      `${money(terms.arbiterFee, place.unit)} ${terms.bond > 0n ? '从押金中' : '（以余额为限）'}归自己，其余归付款方 ${terms.payer}，交易随即结束`,
    Settlement: (id, { terms, place, pot }, total) =>
      `签名即表示签名人同意从交易 ${id} 的 ${money(pot, place.unit)} 中收款方 ${terms.payee} 累计得 ${money(total, place.unit)}，` +
      `其余归付款方 ${terms.payer}，不收应用手续费，另一方同意后交易即结束`,
  },
  verdict: (id, statement, items) =>
    `为交易 ${id} 签名即表示：${items.map((one) => item(one, statement)).join('；')}`,
}
