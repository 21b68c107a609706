import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { answerCosts, bondGas, challengerGains, dropperLoses } from '../model/court.ts'
import { diskCost, gasCost } from '../model/money.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Content of 1 MiB in leaves of 256 bytes, as the gas snapshots have it. */
const LEAVES = 4_096
const BYTES = LEAVES * 256
/** Tokens that a receipt of it pledges in the stated case. */
const LIABILITY = 1

/** The least liability at which a client that lost a part of its content gains by going to court. */
function leastLiability({ facts, assumed }: Given, missing: number, gasPrice: number): number | undefined {
  const now: Assumed = { ...assumed, gasPrice }
  return findThreshold(
    (liability) => challengerGains({ leaves: LEAVES, liability, missing }, facts, now) < 0,
    1e-6,
    1e6,
  )
}

/** Promises to store, and what it costs to break them. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const { gas, court, staking } = facts
  const saved = diskCost(BYTES, court.maxTerm, assumed)
  const lost = { leaves: LEAVES, liability: LIABILITY, missing: 1 }
  const bond = gasCost(bondGas(LEAVES, facts), assumed)
  const answer = gasCost(gas.drawAndAnswer, assumed)
  const prices = sweep('gasPrice', 30)
  const liable = leastLiability(given, 1, assumed.gasPrice)
  return {
    tables: [
      {
        title: `A receipt for 1 MiB and its longest term, ${LIABILITY} token at stake, in tokens`,
        head: ['', ''],
        rows: [
          ['saved by dropping it', saved],
          [
            'lost by dropping it, when a hundredth of such clients go to court',
            dropperLoses(lost, assumed.challenging),
          ],
          ['bond of a challenge', bond],
          ['gas of an answer', answer],
          ['gained by a client whose content is gone', challengerGains(lost, facts, assumed)],
          [
            'gained by a client whose content is there',
            challengerGains({ ...lost, missing: 0 }, facts, assumed),
          ],
          ['receipts that the least stake covers', staking.minimum / LIABILITY],
        ],
      },
    ],
    thresholds: [
      {
        what: 'part of the clients who lost something and go to court, below which dropping pays',
        at: findThreshold((challenged) => dropperLoses(lost, challenged) < saved, 1e-9, 1) ?? null,
        stated: assumed.challenging,
        unit: 'of all',
      },
      {
        what: 'liability, above which a client whose content is gone gains by going to court',
        at: liable ?? null,
        stated: LIABILITY,
        unit: 'tokens',
      },
      {
        what: 'the same, if half of the content is gone',
        at: leastLiability(given, 0.5, assumed.gasPrice) ?? null,
        stated: LIABILITY,
        unit: 'tokens',
      },
      {
        what: 'gas price, above which a client whose content is gone gains nothing by going to court',
        at:
          findThreshold(
            (gasPrice) => challengerGains(lost, facts, { ...assumed, gasPrice }) > 0,
            1e-4,
            1e4,
          ) ?? null,
        stated: assumed.gasPrice,
        unit: 'gwei',
      },
      {
        what: 'gas price, above which being slashed is cheaper than answering',
        at:
          findThreshold(
            (gasPrice) => gasCost(gas.drawAndAnswer, { ...assumed, gasPrice }) < LIABILITY,
            1e-4,
            1e5,
          ) ?? null,
        stated: assumed.gasPrice,
        unit: 'gwei',
      },
      {
        what: 'rise of the gas price after the opening, above which the bond does not cover an answer',
        at: findThreshold((rise) => answerCosts(LEAVES, rise, facts, assumed) < 0, 0.1, 1_000) ?? null,
        stated: 1,
        unit: 'times',
      },
    ],
    attacks: [
      {
        name: 'drop what a receipt promises',
        cost: dropperLoses(lost, assumed.challenging),
        gain: saved,
        harm: LIABILITY,
        per: 'receipt',
      },
      {
        name: 'challenge an honest node for nothing',
        cost: bond + gasCost(gas.challenge, assumed),
        gain: 0,
        harm: Math.max(0, answerCosts(LEAVES, 1, facts, assumed)),
        per: 'challenge',
      },
      {
        name: 'challenge oneself for the reward',
        cost: LIABILITY + gasCost(gas.challenge + gas.draw + gas.convict, assumed),
        gain: LIABILITY * court.rewardShare,
        harm: 0,
        per: 'receipt',
      },
    ],
    claims: [
      {
        text: 'dropping a receipt costs more than it saves',
        holds: dropperLoses(lost, assumed.challenging) > saved,
      },
      {
        text: 'a client whose content is gone gains by going to court',
        holds: challengerGains(lost, facts, assumed) > 0,
      },
      {
        text: 'one whose content is there loses by it, and the node does not',
        holds:
          challengerGains({ ...lost, missing: 0 }, facts, assumed) < 0 &&
          answerCosts(LEAVES, 1, facts, assumed) < 0,
      },
    ],
    plots: [
      {
        file: 'courts',
        title: 'Liability of a receipt from which on going to court pays',
        x: { label: 'gas price, gwei', log: true },
        y: { label: 'tokens', log: true },
        lines: [1, 0.5, 0.1].map((missing) => ({
          name: `${100 * missing} % of the content is gone`,
          points: prices.flatMap((gasPrice) => {
            const least = leastLiability(given, missing, gasPrice)
            return least === undefined ? [] : [[gasPrice, least] as const]
          }),
        })),
        marks: [{ x: assumed.gasPrice, name: 'stated' }],
      },
    ],
  }
}

export const storage: Scenario = { name: 'storage', title: 'Promises to store, and the courts', run }
