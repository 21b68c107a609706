import { zeroAddress, type Hex } from 'viem'
import type { DealTerms } from '../terms.ts'
import type { Finding } from './agreement.ts'
import { forgeries, guesses, type Random } from './evidence.ts'
import { changingOpcodes } from './opcodes.ts'
import { EVALUATOR_GAS, type Answer, type TestDeal, type World } from './world.ts'

/** One way to get at the money of deals that name an evaluator. Returns what it found. */
export type Attack = (world: World, random: Random) => Promise<readonly Finding[]>

const AMOUNT = 1_000_000n
/** The least, odd ones, and more than any token has. */
const AMOUNTS = [1n, 3n, 9_999n, AMOUNT, 10n ** 24n, 2n ** 120n]
/** Of the escrow's cap; beyond it, evidence a little longer would decide nothing. */
const COMFORTABLE_GAS = (EVALUATOR_GAS * 4n) / 5n
const PLENTY_OF_GAS = 5_000_000n
const CLOSED = 5

const potOf = ({ amount, collateral }: DealTerms): bigint => amount + collateral
const short = (evidence: Hex): string =>
  evidence.length > 100 ? `${evidence.slice(0, 100)}… (${evidence.length / 2 - 1} bytes)` : evidence
const said = ({ total, flag }: Answer): string => `${total}, ${flag === 1n ? 'final' : 'not final'}`

/** Whether the escrow would act on an answer, as `DealEvaluation` has it, when nothing is paid yet. */
function isSound({ terms }: TestDeal, answer: Answer | undefined): answer is Answer {
  if (!answer || answer.bytes < 64 || answer.total > potOf(terms) || answer.flag > 1n) return false
  return answer.flag === 1n || (answer.total > 0n && answer.total < potOf(terms))
}

const changes: Attack = async ({ code }) => {
  const found = changingOpcodes(await code())
  if ((await code()) === '0x') return [{ code: 'NO_CODE', text: 'the address holds no code' }]
  return found.length === 0 ? [] : [{ code: 'CAN_CHANGE', text: `its code has ${found.join(', ')}` }]
}

/** Honest evidence, for deals of all sizes: the agreed share, in two words, with gas to spare. */
const honest: Attack = async (world) => {
  const findings: Finding[] = []
  for (const amount of AMOUNTS) {
    const drafted = await world.draft(amount)
    const { evidence, agreement, terms } = drafted
    const answer = await world.ask(drafted, evidence)
    const of = `of a deal over ${amount}`
    if (!answer) findings.push({ code: 'REFUSES_HONEST', text: `the evidence ${of} is refused` })
    else if (answer.bytes !== 64 || answer.flag > 1n || answer.total > potOf(terms))
      findings.push({ code: 'BAD_ANSWER', text: `${said(answer)} in ${answer.bytes} bytes ${of}` })
    else if (answer.total !== agreement.payeeAmount || (answer.flag === 1n) !== (agreement.isFinal ?? true))
      findings.push({ code: 'WRONG_SHARE', text: `${said(answer)} ${of}; agreed ${agreement.payeeAmount}` })
  }
  return findings
}

const gas: Attack = async (world) => {
  const drafted = await world.draft(AMOUNT)
  const used = await world.gasOf(drafted, drafted.evidence)
  const [little, much] = await Promise.all([
    world.ask(drafted, drafted.evidence),
    world.ask(drafted, drafted.evidence, { gas: PLENTY_OF_GAS }),
  ])
  const findings: Finding[] = []
  if (used !== undefined && used > COMFORTABLE_GAS)
    findings.push({ code: 'TOO_MUCH_GAS', text: `${used} gas for the honest evidence` })
  if (little && much && (little.total !== much.total || little.flag !== much.flag))
    findings.push({
      code: 'KNOWS_ITS_GAS',
      text: `${said(little)} with 500,000 gas, ${said(much)} with more`,
    })
  return findings
}

/** What anybody can make up must decide nothing. */
const guessing: Attack = async (world, random) => {
  const drafted = await world.draft(AMOUNT)
  const findings: Finding[] = []
  for (const guess of guesses(potOf(drafted.terms), random)) {
    const answer = await world.ask(drafted, guess)
    if (!isSound(drafted, answer)) continue
    findings.push({ code: 'GUESSED', text: `${said(answer)} for ${short(guess)}` })
    if (findings.length === 3) break
  }
  return findings
}

/** Changed evidence must decide nothing, or what the evidence itself decides. */
const forging: Attack = async (world, random) => {
  const drafted = await world.draft(AMOUNT)
  const honestly = await world.ask(drafted, drafted.evidence)
  const findings: Finding[] = []
  for (const forged of forgeries(drafted.evidence, random)) {
    const answer = await world.ask(drafted, forged)
    if (!isSound(drafted, answer)) continue
    if (honestly && answer.total === honestly.total && answer.flag === honestly.flag) continue
    findings.push({ code: 'FORGED', text: `${said(answer)} for ${short(forged)}` })
    if (findings.length === 3) break
  }
  return findings
}

/** Another deal of the same parties, whose evidence is public by then. */
const replaying: Attack = async (world) => {
  const [one, other] = [await world.draft(AMOUNT), await world.draft(AMOUNT)]
  const answer = await world.ask(other, one.evidence)
  if (one.terms.details === other.terms.details)
    return [{ code: 'REPLAYED', text: 'two agreements have the same details: put a salt into them' }]
  return isSound(other, answer)
    ? [{ code: 'REPLAYED', text: `${said(answer)} by the evidence of another deal` }]
    : []
}

/** Real deals and transactions: who asks, what is paid, and that a deal beside them stays whole. */
const money: Attack = async (world) => {
  const { payer, payee, thief, tokens } = world
  const findings: Finding[] = []
  const people = [payer, payee, thief]
  const before = await Promise.all(people.map(({ address }) => tokens(address)))
  const bystander = await world.open(AMOUNT, {
    evaluator: zeroAddress,
    arbiter: thief.address,
    rulingWindow: 60,
    collateral: 0n,
  })
  const opened = await world.open(AMOUNT)
  const { evidence, terms, agreement, deal } = opened
  const taken = await Promise.all(people.map((who) => world.takes(opened, evidence, who)))
  if (new Set(taken).size > 1)
    findings.push({ code: 'KNOWS_WHO_ASKS', text: `taken from payer, payee, stranger: ${taken.join(', ')}` })
  if (await world.takes(bystander, evidence, thief))
    findings.push({ code: 'MONEY_MOVED', text: 'a deal that names no evaluator was decided' })
  if (!taken[2])
    return [...findings, { code: 'REFUSES_HONEST', text: 'the escrow refuses the evidence from a stranger' }]
  await world.send(thief, 'Escrow', 'evaluate', [terms, evidence])
  if (await world.takes(opened, evidence, thief))
    findings.push({ code: 'REPLAYED', text: 'the same evidence is taken a second time' })
  if (agreement.isFinal === false) await world.send(payee, 'Escrow', 'refund', [terms])
  const { state } = await world.stateOf(deal)
  if (state !== CLOSED)
    findings.push({ code: 'STUCK', text: `the deal is in state ${state} after its last evidence` })
  const { left } = await world.stateOf(bystander.deal)
  const after = await Promise.all(people.map(({ address }) => tokens(address)))
  const moved = after.map((now, at) => now - before[at]!)
  const toPayee = agreement.payeeAmount - terms.collateral
  const expected = [-toPayee - AMOUNT, toPayee, 0n]
  if (left !== AMOUNT || moved.join() !== expected.join())
    findings.push({
      code: 'MONEY_MOVED',
      text: `payer, payee, stranger: ${moved.join(', ')}; agreed ${expected.join(', ')}`,
    })
  await world.send(payee, 'Escrow', 'refund', [bystander.terms])
  return findings
}

/** Whatever the evaluator does, the parties and time close its deals. */
const exits: Attack = async (world) => {
  const findings: Finding[] = []
  const { payer, payee, thief } = world
  const ways = {
    release: (opened: TestDeal) => world.send(payer, 'Escrow', 'release', [opened.terms]),
    refund: (opened: TestDeal) => world.send(payee, 'Escrow', 'refund', [opened.terms]),
    async settle(opened: TestDeal) {
      const consent = await world.consents(opened, 1n, opened.terms.deliverBy)
      await world.send(payer, 'Escrow', 'settle', [opened.terms, 1n, opened.terms.deliverBy, '0x', consent])
    },
    async expire({ terms }: TestDeal) {
      await world.passes(terms.deliverBy + terms.disputeWindow)
      await world.send(thief, 'Escrow', 'expire', [terms])
    },
  }
  for (const [name, way] of Object.entries(ways)) {
    const soon =
      name === 'expire' ? { deliverBy: (await world.now()) + 6, disputeWindow: 1, collateral: 0n } : {}
    const opened = await world.open(AMOUNT, soon)
    const failure = await way(opened).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message.split('\n')[0] : String(error)),
    )
    const { state } = await world.stateOf(opened.deal)
    if (state !== CLOSED) findings.push({ code: 'STUCK', text: `${name}: ${failure ?? 'still open'}` })
  }
  return findings
}

/** In the order in which they are made; the cheap ones first. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  changes,
  honest,
  gas,
  guessing,
  forging,
  replaying,
  money,
  exits,
}
