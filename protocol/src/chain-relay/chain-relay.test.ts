import fc from 'fast-check'
import { bytesToHex, encodeFunctionData, getAddress, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { abis, type ContractAddresses } from '../chain/index.ts'
import { isTeahouseError } from '../errors.ts'
import {
  ACTION_STATES,
  actionId,
  CHAIN_STATUS,
  chainCalls,
  CONTENTS,
  contradicts,
  decodeCommand,
  decodeQuestion,
  decodeReply,
  encodeCommand,
  encodeQuestion,
  encodeReply,
  MAX_CALL_BYTES,
  MAX_LOG_BLOCKS,
  NO_QUESTION,
  readAction,
  signAnswer,
  verifyAnswer,
  type ChainCommand,
  type ChainQuestion,
  type ChainReply,
} from './index.ts'

const CHAIN_ID = 31_337
const addressOf = (at: number) => getAddress(`0x${String(at).padStart(40, '0')}`)
const CONTRACTS = Object.fromEntries(
  Object.keys(abis).map((name, at) => [name, addressOf(at + 1)]),
) as ContractAddresses
const [ALICE, BOB, NODE] = [addressOf(90), addressOf(91), addressOf(92)]
const HASH: Hex = `0x${'ab'.repeat(32)}`
const account = privateKeyToAccount(generatePrivateKey())

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => bytesToHex(b))
const anyHex = fc.uint8Array({ maxLength: 200 }).map((b) => bytesToHex(b))
const address = hex(20).map((value) => getAddress(value))
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n)
const questions: fc.Arbitrary<ChainQuestion> = fc.oneof(
  fc.record({ kind: fc.constant('call'), to: address, data: anyHex }),
  fc.record({ kind: fc.constant('block'), number: uint64 }),
  fc.record({ kind: fc.constant('receipt'), hash: hex(32) }),
  fc.record({ kind: fc.constant('balance'), address }),
  fc.record({
    kind: fc.constant('logs'),
    address,
    topics: fc.array(fc.array(hex(32), { maxLength: 3 }), { maxLength: 4 }),
    fromBlock: fc.constant(7n),
    toBlock: fc.bigInt(7n, 7n + MAX_LOG_BLOCKS - 1n),
  }),
)

function thrownBy(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return isTeahouseError(error) ? error.code : `not typed: ${String(error)}`
  }
}
const TYPED = [undefined, 'BAD_REQUEST', 'BAD_ANSWER', 'MALFORMED', 'NOT_RELAYED']

const deposit = (deadline = 100) =>
  encodeFunctionData({
    abi: abis.PaymentChannels,
    functionName: 'depositFor',
    args: [ALICE, BOB, 5n, deadline, '0x12'],
  })
const permit = encodeFunctionData({
  abi: abis.PaymentChannels,
  functionName: 'tryPermitFor',
  args: [ALICE, 5n, 100n, 27, HASH, HASH],
})
const multicall = (calls: readonly Hex[]) =>
  encodeFunctionData({ abi: abis.PaymentChannels, functionName: 'multicall', args: [calls] })
const TERMS = {
  ...{ payer: ALICE, payee: BOB, arbiter: addressOf(93), evaluator: addressOf(94) },
  ...{
    amount: 1n,
    collateral: 0n,
    arbiterFee: 0n,
    bond: 1n,
    deliverBy: 9,
    disputeWindow: 9,
    rulingWindow: 9,
  },
  ...{ defaultToPayee: 0, appFeeRecipient: addressOf(95), appFeeBps: 0, details: HASH },
} as const
const { PaymentChannels, Escrow } = CONTRACTS

describe('a question', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(questions, (one) => void expect(decodeQuestion(encodeQuestion(one))).toEqual(one)))
  })

  it('has one encoding, and nothing else is read', () => {
    const bytes = fc.oneof(
      anyHex,
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), anyHex)
        .map(([kind, body]): Hex => `0x0${kind}${body.slice(2)}`),
      fc.tuple(questions, anyHex).map(([one, more]): Hex => `${encodeQuestion(one)}${more.slice(2)}`),
    )
    fc.assert(
      fc.property(bytes, (given) => {
        const code = thrownBy(() => expect(encodeQuestion(decodeQuestion(given))).toBe(given))
        expect(TYPED).toContain(code)
      }),
    )
  })

  it.each<{ given: string; question: ChainQuestion }>([
    {
      given: 'a call that is too long',
      question: { kind: 'call', to: ALICE, data: `0x${'00'.repeat(MAX_CALL_BYTES + 1)}` },
    },
    {
      given: 'too many blocks',
      question: { kind: 'logs', address: ALICE, topics: [], fromBlock: 0n, toBlock: MAX_LOG_BLOCKS },
    },
    {
      given: 'no blocks',
      question: { kind: 'logs', address: ALICE, topics: [], fromBlock: 2n, toBlock: 1n },
    },
    {
      given: 'five topics',
      question: { kind: 'logs', address: ALICE, topics: [[], [], [], [], []], fromBlock: 0n, toBlock: 1n },
    },
  ])('given $given, is refused', ({ question }) => {
    expect(thrownBy(() => decodeQuestion(encodeQuestion(question)))).toBe('BAD_REQUEST')
  })
})

describe('a signed answer', () => {
  const statement = {
    ...{ blockNumber: 5n, blockHash: HASH, blockTime: 1_000n },
    question: encodeQuestion({ kind: 'balance', address: ALICE }),
    answer: CONTENTS.balance.encode(7n),
  }
  const signed = async (change: Partial<typeof statement> = {}) => {
    const whole = { ...statement, ...change }
    const signature = await signAnswer(account, CHAIN_ID, whole)
    return { ...whole, chainId: CHAIN_ID, node: account.address, signature }
  }

  it('is checked against its node', async () => {
    const answer = await signed()
    await verifyAnswer(answer)
    await expect(verifyAnswer({ ...answer, node: ALICE })).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
    await expect(verifyAnswer({ ...answer, chainId: 1 })).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
    await expect(verifyAnswer({ ...answer, answer: '0x' })).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
  })

  it('contradicts another one to the same question about the same block only', async () => {
    const [one, other] = [await signed(), await signed({ answer: CONTENTS.balance.encode(8n) })]
    expect(contradicts(one, other)).toBe(true)
    expect(contradicts(one, one)).toBe(false)
    expect(contradicts(one, { ...other, blockHash: `0x${'cd'.repeat(32)}` })).toBe(false)
    expect(contradicts(one, { ...other, question: NO_QUESTION })).toBe(false)
    expect(contradicts(one, { ...one, blockTime: 1n })).toBe(true)
  })

  it('is refused when it is about something else than what was asked', async () => {
    const answer = await signed()
    const reply = encodeReply({ status: CHAIN_STATUS.ok, description: 'OK', answer })
    const calls = chainCalls(async () => reply, account.address, CHAIN_ID)
    expect(await calls.ask(answer.question)).toEqual(answer)
    await expect(calls.ask(NO_QUESTION)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    const at = { number: 6n, hash: HASH }
    await expect(calls.ask(answer.question, at)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('is read strictly', () => {
    for (const { decode } of Object.values(CONTENTS))
      fc.assert(fc.property(anyHex, (given) => void expect(TYPED).toContain(thrownBy(() => decode(given)))))
  })
})

describe('what travels', () => {
  const commands: fc.Arbitrary<ChainCommand> = fc.oneof(
    fc.record({
      kind: fc.constant('ask'),
      question: anyHex,
      at: fc.option(fc.record({ number: uint64, hash: hex(32) }), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('submit'), action: fc.record({ to: address, data: anyHex }) }),
    fc.record({ kind: fc.constant('follow'), id: hex(32) }),
  )

  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        commands,
        (command) =>
          void expect(decodeCommand(encodeCommand(command, 'x'))).toEqual({ requestId: 'x', command }),
      ),
    )
    const action = fc.record({
      id: hex(32),
      state: fc.constantFrom(...ACTION_STATES),
      hash: fc.option(hex(32), { nil: undefined }),
    })
    fc.assert(
      fc.property(action, anyHex, (progress, revert) => {
        const reply: ChainReply = {
          status: 200,
          description: 'OK',
          action: progress,
          revert,
          answer: undefined,
        }
        expect(decodeReply(encodeReply(reply))).toEqual(reply)
      }),
    )
  })

  it('is refused with a typed error when it is something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (given) => {
        expect(TYPED).toContain(thrownBy(() => decodeCommand(given)))
        expect(TYPED).toContain(thrownBy(() => decodeReply(given)))
      }),
    )
  })
})

describe('an action', () => {
  it('is read with whom it is for, and until when', () => {
    const action = readAction(CONTRACTS, { to: PaymentChannels, data: deposit() }, NODE)
    const id = actionId(PaymentChannels, deposit())
    expect(action).toMatchObject({
      id,
      functionName: 'depositFor',
      person: ALICE,
      deadline: 100,
      signers: [ALICE],
    })
  })

  it('may have permits before it, and is still the same action', () => {
    const data = multicall([permit, deposit()])
    const action = readAction(CONTRACTS, { to: PaymentChannels, data }, NODE)
    expect(action).toMatchObject({ functionName: 'depositFor', person: ALICE })
    expect(action.call.functionName).toBe('multicall')
  })

  it('has one name, whatever bytes follow it', () => {
    const longer = readAction(CONTRACTS, { to: PaymentChannels, data: `${deposit()}00ff` })
    expect(longer.id).toBe(actionId(PaymentChannels, deposit()))
  })

  it.each([
    { given: 'another contract', call: { to: ALICE, data: deposit() } },
    { given: 'the token', call: { to: CONTRACTS.Token, data: permit } },
    {
      given: 'an action of the sender itself',
      call: {
        to: PaymentChannels,
        data: encodeFunctionData({ abi: abis.PaymentChannels, functionName: 'deposit', args: [BOB, 5n] }),
      },
    },
    { given: 'a permit alone', call: { to: PaymentChannels, data: permit } },
    {
      given: 'two actions at once',
      call: { to: PaymentChannels, data: multicall([deposit(), deposit(101)]) },
    },
    { given: 'no calls at once', call: { to: PaymentChannels, data: multicall([]) } },
    {
      given: 'calls at once in calls at once',
      call: { to: PaymentChannels, data: multicall([multicall([deposit()])]) },
    },
    {
      given: 'a dispute whose bond the sender is to pay',
      call: {
        to: Escrow,
        data: encodeFunctionData({
          abi: abis.Escrow,
          functionName: 'disputeFor',
          args: [TERMS, ALICE, NODE, 9, '0x'],
        }),
      },
    },
    {
      given: 'a settlement of a deal of the sender',
      call: {
        to: Escrow,
        data: encodeFunctionData({
          abi: abis.Escrow,
          functionName: 'settle',
          args: [{ ...TERMS, payee: NODE }, 0n, 9, '0x', '0x'],
        }),
      },
    },
    {
      given: 'code that others have written',
      call: {
        to: Escrow,
        data: encodeFunctionData({ abi: abis.Escrow, functionName: 'evaluate', args: [TERMS, '0x'] }),
      },
    },
    { given: 'nothing', call: { to: Escrow, data: '0x' as const } },
  ])('given $given, is not sent', ({ call }) => {
    expect(thrownBy(() => readAction(CONTRACTS, call, NODE))).toBe('NOT_RELAYED')
  })

  it('is refused with a typed error, whatever comes', () => {
    const data = fc.oneof(
      anyHex,
      anyHex.map((more): Hex => `${deposit().slice(0, 10) as Hex}${more.slice(2)}`),
    )
    fc.assert(
      fc.property(data, (given) => {
        expect(TYPED).toContain(thrownBy(() => readAction(CONTRACTS, { to: PaymentChannels, data: given })))
      }),
    )
  })
})
