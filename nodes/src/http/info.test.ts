import { describe, expect, it } from 'vitest'
import { healthOf } from './info.ts'

const WELL = { membership: 'ready', stuckMs: 0, chainSilentMs: 0, awayAfterMs: 1_000, peers: 1 } as const

describe('the health of a node', () => {
  it.each([
    { given: 'all is well', state: {}, status: 'ok', problems: [] },
    { given: 'nobody is connected', state: { peers: 0 }, status: 'ok', problems: ['NO_PEERS'] },
    {
      given: 'the chain is silent',
      state: { chainSilentMs: 2_000 },
      status: 'degraded',
      problems: ['CHAIN_AWAY'],
    },
    {
      given: 'the chain answers, and members can not be read',
      state: { stuckMs: 2_000 },
      status: 'degraded',
      problems: ['MEMBERS_STUCK'],
    },
    { given: 'members are read a block late', state: { stuckMs: 500 }, status: 'ok', problems: [] },
    {
      given: 'the chain is silent, which says why members are not read',
      state: { stuckMs: 2_000, chainSilentMs: 2_000 },
      status: 'degraded',
      problems: ['CHAIN_AWAY'],
    },
    {
      given: 'members were never read',
      state: { membership: 'behind', stuckMs: 2_000 },
      status: 'down',
      problems: ['MEMBERS_UNKNOWN'],
    },
    {
      given: 'members are wrong',
      state: { membership: 'mismatch' },
      status: 'down',
      problems: ['LEDGER_MISMATCH'],
    },
  ] as const)('when $given: $status', ({ state, status, problems }) => {
    expect(healthOf({ ...WELL, ...state })).toEqual({ status, problems })
  })
})
