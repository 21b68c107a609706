import fc from 'fast-check'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { parseSignature, serializeSignature, type EIP1193Provider, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { callOf, settlementOf } from './sending.ts'
import { readSigned, signAct, signVerdict, writeSigned, type EscrowAct } from './signed.ts'
import { dealSigner } from './signer.ts'
import { cabRide } from './templates/index.ts'
import { OFFERS, PEOPLE, PLACE } from './testing/deals.ts'

const [PLAIN, RIDE] = [OFFERS[0]!, OFFERS[1]!]
const YES = { confirm: () => true }
const DEADLINE = PLAIN.terms.deliverBy
const ACTS: readonly [keyof typeof PEOPLE, EscrowAct][] = [
  ['payer', { act: 'Funding', deadline: DEADLINE }],
  ['payee', { act: 'Acceptance', deadline: DEADLINE }],
  ['payer', { act: 'Release', deadline: DEADLINE }],
  ['payee', { act: 'Refund', deadline: DEADLINE }],
  ['payer', { act: 'PartRelease', total: 3n, deadline: DEADLINE }],
  ['payee', { act: 'Dispute', advancer: PEOPLE.stranger.address, deadline: DEADLINE }],
  ['stranger', { act: 'Answer', deadline: DEADLINE }],
  ['arbiter', { act: 'Ruling', payeeAmount: 2n, deadline: DEADLINE }],
  ['payer', { act: 'Settlement', payeeAmount: 2n, deadline: DEADLINE }],
]
const code = (wanted: string) =>
  expect.objectContaining({ detail: expect.objectContaining({ code: wanted }) as object }) as Error

/** Of the same key and text, as viem recovers them too and no contract takes them. */
function otherFormsOf(signature: Hex): Hex[] {
  const { r, s, yParity } = parseSignature(signature)
  const mirrored = `0x${(secp256k1.Point.Fn.ORDER - BigInt(s)).toString(16).padStart(64, '0')}` as const
  const plain: Hex = `${signature.slice(0, -2) as Hex}0${yParity}`
  return [
    plain,
    `${plain.slice(0, -2) as Hex}${yParity}`,
    serializeSignature({ r, s: mirrored, yParity: yParity === 0 ? 1 : 0 }),
  ]
}

/** A wallet as a page sees it: it keeps the key, and is asked for each signature. */
function wallet(account: (typeof PEOPLE)['payer'], { agrees = true, plainV = false } = {}) {
  const asked: string[] = []
  const request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    asked.push(method)
    if (method === 'eth_requestAccounts') return [account.address.toLowerCase()]
    if (method !== 'eth_signTypedData_v4' || !agrees)
      throw Object.assign(new Error('User rejected the request'), { code: 4001 })
    const [, typed] = params as [string, string]
    const signature = await account.signTypedData(
      JSON.parse(typed) as Parameters<typeof account.signTypedData>[0],
    )
    return plainV ? otherFormsOf(signature)[0] : signature
  }
  return { provider: { request } as unknown as Pick<EIP1193Provider, 'request'>, asked }
}

describe('what is signed', () => {
  it.each(ACTS)('by the %s comes back from its text: %o', async (who, act) => {
    const signed = await signAct(PLAIN, act, PEOPLE[who], YES)
    const text = writeSigned(signed)
    expect(await readSigned(text, PLACE)).toEqual(signed)
    if (act.act !== 'Settlement') expect(callOf(signed).args.at(-1)).toBe(signed.signature)
  })

  it('is the same from a wallet, which is asked', async () => {
    const { provider, asked } = wallet(PEOPLE.payer)
    const signer = await dealSigner(provider)
    const [, act] = ACTS[0]!
    const signed = await signAct(PLAIN, act, signer, YES)
    expect(signed).toEqual(await signAct(PLAIN, act, PEOPLE.payer, YES))
    expect(asked).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
  })

  it('is the same from a wallet that writes v as 0 or 1', async () => {
    const signer = await dealSigner(wallet(PEOPLE.payer, { plainV: true }).provider)
    const [, act] = ACTS[0]!
    expect(await signAct(PLAIN, act, signer, YES)).toEqual(await signAct(PLAIN, act, PEOPLE.payer, YES))
  })

  it('is shown as a sentence first', async () => {
    const shown: string[] = []
    const confirm = (sentence: string) => (shown.push(sentence), true)
    await signAct(PLAIN, ACTS[0]![1], PEOPLE.payer, { confirm, locale: 'zh-Hans' })
    const verdict = cabRide.cancellation(RIDE, PLACE)
    const signature = await signVerdict(RIDE, verdict, PEOPLE.payer, { confirm })
    expect(shown[0]).toContain('锁定 5 TEA')
    // A third of 20.5 less the fee, and what comes back.
    expect(shown[1]).toContain('6.661834 TEA to the payee')
    expect(shown[1]).toContain('13.66735 TEA to the payer')
    expect(cabRide.cancelled(RIDE, signature)).toContain(signature.slice(2))
  })

  it('by both settles, in whichever order', async () => {
    const act: EscrowAct = { act: 'Settlement', payeeAmount: 2n, deadline: DEADLINE }
    const [one, other] = [
      await signAct(PLAIN, act, PEOPLE.payer, YES),
      await signAct(PLAIN, act, PEOPLE.payee, YES),
    ]
    expect(settlementOf(other, one)).toEqual(settlementOf(one, other))
    expect(() => settlementOf(one, one)).toThrow(code('BAD_SIGNED'))
    const more = await signAct(PLAIN, { ...act, payeeAmount: 3n }, PEOPLE.payee, YES)
    expect(() => settlementOf(one, more)).toThrow(code('BAD_SIGNED'))
  })
})

describe('when it must refuse', () => {
  it('what nobody confirmed', async () => {
    const confirm = () => false
    await expect(signAct(PLAIN, ACTS[0]![1], PEOPLE.payer, { confirm })).rejects.toThrow(code('NOT_SIGNED'))
    const verdict = cabRide.cancellation(RIDE, PLACE)
    await expect(signVerdict(RIDE, verdict, PEOPLE.payer, { confirm })).rejects.toThrow(code('NOT_SIGNED'))
  })

  it('a wallet that says no, shows another account, or signs as somebody else', async () => {
    const no = await dealSigner(wallet(PEOPLE.payer, { agrees: false }).provider)
    await expect(signAct(PLAIN, ACTS[0]![1], no, YES)).rejects.toThrow(code('NOT_SIGNED'))
    const { provider } = wallet(PEOPLE.payer)
    await expect(dealSigner(provider, PEOPLE.payee.address)).rejects.toThrow(code('NOT_SIGNED'))
    const liar = { ...PEOPLE.payee, address: PEOPLE.payer.address }
    await expect(signAct(PLAIN, ACTS[0]![1], liar, YES)).rejects.toThrow(code('NOT_SIGNED'))
  })

  it.each(ACTS.filter(([who]) => who !== 'stranger'))(
    'anybody in the place of the %s: %o',
    async (_, act) => {
      await expect(signAct(PLAIN, act, PEOPLE.stranger, YES)).rejects.toThrow(code('NOT_SIGNED'))
    },
  )

  it('a text of which anything was changed', async () => {
    for (const [who, act] of ACTS) {
      const text = writeSigned(await signAct(PLAIN, act, PEOPLE[who], YES))
      const fields = JSON.parse(text) as Record<string, Record<string, unknown>>
      const mutants = [
        {
          ...fields,
          signer:
            PEOPLE.stranger.address === (fields['signer'] as unknown)
              ? PEOPLE.payer.address
              : PEOPLE.stranger.address,
        },
        { ...fields, act: { ...fields['act'], deadline: DEADLINE + 1 } },
        { ...fields, signature: `0x${'11'.repeat(65)}` },
        ...otherFormsOf(fields['signature'] as unknown as Hex).map((signature) => ({ ...fields, signature })),
        { ...fields, act: { ...fields['act'], more: 1 } },
        {
          ...fields,
          permit: { value: '1', deadline: '1', v: 27, r: `0x${'11'.repeat(32)}`, s: `0x${'11'.repeat(32)}` },
        },
      ]
      for (const mutant of mutants)
        await expect(readSigned(JSON.stringify(mutant), PLACE), JSON.stringify(mutant)).rejects.toThrow(
          code('BAD_SIGNED'),
        )
    }
  })

  it('anything else, with a typed error', async () => {
    const good = writeSigned(await signAct(PLAIN, ACTS[0]![1], PEOPLE.payer, YES))
    const cut = fc
      .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, more]) => good.slice(0, at) + more + good.slice(at + 1))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), cut), async (text) => {
        fc.pre(text !== good)
        const error: unknown = await readSigned(text, PLACE).catch((cause: unknown) => cause)
        expect(isTeahouseError(error) && ['BAD_SIGNED', 'BAD_OFFER'].includes(error.detail.code)).toBe(true)
      }),
    )
  })

  it('a settlement that only one signed, as a call', async () => {
    const one = await signAct(PLAIN, ACTS.at(-1)![1], PEOPLE.payer, YES)
    expect(() => callOf(one)).toThrow(code('BAD_SIGNED'))
    expect(one.signature satisfies Hex).toHaveLength(132)
  })
})
