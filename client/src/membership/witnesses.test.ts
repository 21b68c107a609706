import { MemberError, type MemberCalls } from '@teahouse/protocol/member'
import type { SignedRoots } from '@teahouse/protocol/rln'
import { type Address, type Hex, numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { agree, type Witness } from './witnesses.ts'

const word = (value: number): Hex => numberToHex(value, { size: 32 })
const address = (value: number): Address => numberToHex(value, { size: 20 })

/** The chain's true roots: block n has root 100 + n. */
const truth = (block: number, operator: number): SignedRoots => ({
  chainId: 1,
  registry: address(1),
  node: address(operator),
  signature: '0x',
  blockNumber: BigInt(block),
  blockHash: word(block),
  roots: [word(100 + block)],
  ledgerHash: word(200 + block),
  memberCount: 5,
})

interface Behaviour {
  readonly newest?: number
  readonly lies?: Partial<SignedRoots>
  readonly fails?: boolean
  /** Blocks behind which it knows after one more question each. */
  catchesUp?: boolean
}

function witness(operatorId: number, { newest = 10, lies = {}, fails, catchesUp }: Behaviour = {}): Witness {
  let head = newest
  const roots = async (blockHash?: Hex): Promise<SignedRoots> => {
    if (fails) throw new MemberError('no', { code: 'REFUSED', status: 503, description: 'no' })
    const block = blockHash === undefined ? head : Number(blockHash)
    if (block > head) {
      if (catchesUp) head++
      throw new MemberError('later', { code: 'REFUSED', status: 404, description: 'later' })
    }
    return { ...truth(block, operatorId), ...lies }
  }
  return { peerId: `peer ${operatorId}`, operatorId, calls: { roots } as MemberCalls }
}

const waits = { retryMs: 1, retries: 3 }
const ask = (...witnesses: Witness[]) => agree(witnesses, waits)

describe('agree', () => {
  it('takes a root that three operators sign for one block', async () => {
    const { roots, answers, witnesses } = await ask(witness(1), witness(2), witness(3), witness(4))
    expect(roots.roots).toEqual([word(110)])
    expect(answers).toHaveLength(3)
    expect(witnesses.map(({ operatorId }) => operatorId)).toEqual([1, 2, 3])
  })

  it('takes the middle one of the newest blocks, so that one node can choose neither an old nor an unknown one', async () => {
    const old = await ask(witness(1, { newest: 2 }), witness(2), witness(3), witness(4))
    expect(old.roots.blockNumber).toBe(10n)
    const ahead = await ask(
      witness(1, { newest: 99 }),
      witness(2),
      witness(3, { newest: 9, catchesUp: true }),
    )
    expect(ahead.roots.blockNumber).toBe(10n)
  })

  it('goes on to other operators when some do not answer', async () => {
    const { witnesses } = await ask(
      witness(1, { fails: true }),
      witness(2),
      witness(3),
      witness(4, { newest: 3 }), // never learns of block 10
      witness(5),
    )
    expect(witnesses.map(({ operatorId }) => operatorId)).toEqual([2, 3, 5])
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'another root', lies: { roots: [word(1)] } },
    { given: 'one more tree', lies: { roots: [word(110), word(1)] } },
    { given: 'another ledger hash', lies: { ledgerHash: word(1) } },
    { given: 'another count', lies: { memberCount: 6 } },
  ])('ROOTS_DISAGREE with the answers as evidence, given $given of one node', async ({ lies }) => {
    const refused = ask(witness(1), witness(2, { lies }), witness(3), witness(4))
    await expect(refused).rejects.toMatchObject({ code: 'ROOTS_DISAGREE' })
    const { detail } = (await refused.catch((error: unknown) => error)) as {
      detail: { answers: SignedRoots[] }
    }
    expect(detail.answers.map(({ node }) => node)).toEqual([address(1), address(2), address(3)])
  })

  it('TOO_FEW_NODES when three operators are not there', async () => {
    await expect(ask(witness(1), witness(2))).rejects.toMatchObject({
      code: 'TOO_FEW_NODES',
      detail: { needed: 3, answered: 2 },
    })
    await expect(ask()).rejects.toMatchObject({ code: 'TOO_FEW_NODES' })
    const withheld = ask(witness(1), witness(2), witness(3, { fails: true }))
    await expect(withheld).rejects.toMatchObject({ detail: { failures: [{ peerId: 'peer 3' }] } })
  })

  it('TOO_FEW_NODES when three nodes are of two operators', async () => {
    await expect(ask(witness(1), witness(1), witness(2))).rejects.toMatchObject({ code: 'TOO_FEW_NODES' })
  })
})
