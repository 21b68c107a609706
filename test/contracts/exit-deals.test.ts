import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dealTerms, exitChain, exitsOn, HOUR, TEA } from './support/exit-chain.ts'

describe('the way out of deals', () => {
  const chain = exitChain()
  const { person, exitOf, seen, leave, tokens, later, now } = exitsOn(chain)

  it('of a deal waits for what its terms foresee, and takes it', async () => {
    const [payer, payee] = [await person(), await person()]
    await payer.at.Escrow.write.fund([dealTerms(payer, payee, await now())])
    for (const party of [payer, payee]) assert.deepEqual(await leave(party), { steps: [], left: ['wait'] })
    await later(2 * HOUR + 1)
    assert.deepEqual(await leave(payer), { steps: ['close the deal'], left: [] })
    assert.deepEqual(await seen(payee), [])
    assert.equal(await tokens(payee), 110n * TEA)
  })

  it('of a disputed deal tells each party its default', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = dealTerms(payer, payee, await now())
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    const amounts = []
    for (const party of [payer, payee]) amounts.push((await (await exitOf(party)).survey())[0]?.amount)
    assert.deepEqual(amounts, [(10n * TEA * 3n) / 4n, (10n * TEA) / 4n])
    await later(HOUR + 1)
    assert.deepEqual(await leave(payee), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA - (10n * TEA) / 4n)
  })

  it('of a deal with an app fee tells the payee what it will get', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...dealTerms(payer, payee, await now()), appFeeRecipient: payer.address, appFeeBps: 1_000 }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.releasePart([deal, 4n * TEA])
    const [item] = await (await exitOf(payee)).survey()
    const before = await tokens(payee)
    await later(2 * HOUR + 1)
    await leave(payee)
    assert.equal(await tokens(payee), before + item!.amount)
    assert.equal(item!.amount, 6n * TEA - (6n * TEA) / 10n)
  })

  it('of an offer takes it back; once it is accepted, that of the collateral waits', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...dealTerms(payer, payee, await now()), collateral: 2n * TEA }
    await payer.at.Escrow.write.fund([deal])
    assert.deepEqual(await leave(payer), { steps: ['take the offer back'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA)
    const other = { ...deal, details: `0x${'01'.repeat(32)}` as const }
    await payer.at.Escrow.write.fund([other])
    await payee.at.Escrow.write.accept([other])
    for (const party of [payer, payee]) assert.deepEqual(await leave(party), { steps: [], left: ['wait'] })
    await later(2 * HOUR + 1)
    assert.deepEqual(await leave(payee), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payee), 110n * TEA)
  })

  it('of a bond, also of one for somebody else, comes with the end of the dispute', async () => {
    const [payer, payee, friend] = [await person(), await person(), await person()]
    const deal = { ...dealTerms(payer, payee, await now()), bond: 3n * TEA }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    await friend.at.Escrow.write.answer([deal])
    const amounts = []
    for (const who of [payer, payee, friend]) amounts.push((await (await exitOf(who)).survey())[0]?.amount)
    assert.deepEqual(amounts, [(10n * TEA * 3n) / 4n + 3n * TEA, (10n * TEA) / 4n, 3n * TEA])
    await later(HOUR + 1)
    assert.deepEqual(await leave(friend), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(friend), 100n * TEA)
    assert.equal(await tokens(payer), 100n * TEA - (10n * TEA) / 4n)
  })

  it('of an unanswered dispute gives the pot to the side that disputed', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...dealTerms(payer, payee, await now()), bond: 3n * TEA }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    const [item] = await (await exitOf(payer)).survey()
    assert.equal(item?.amount, 13n * TEA)
    await later(HOUR + 1)
    assert.deepEqual(await leave(payer), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA)
  })

  it('of a deal that is conceded is at once, and in favour of the other', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = dealTerms(payer, payee, await now())
    await payer.at.Escrow.write.fund([deal])
    assert.deepEqual(await leave(payee, { concede: true }), { steps: ['refund the deal'], left: [] })
    await payer.at.Escrow.write.fund([{ ...deal, details: `0x${'01'.repeat(32)}` as const }])
    assert.deepEqual(await leave(payer, { concede: true }), { steps: ['release the deal'], left: [] })
    assert.deepEqual([await tokens(payer), await tokens(payee)], [90n * TEA, 110n * TEA])
  })
})
