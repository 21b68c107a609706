import { expect, it } from 'vitest'
import { budgetKeeper } from './budget-keeper.ts'
import { DEFAULT_BUDGETS } from './profiles.ts'

it('gives each part its budget, also one that came before the parts, and tells what is used', () => {
  let time = 0
  const keeper = budgetKeeper(() => time)
  const given: Record<string, unknown> = {}
  keeper.apply(DEFAULT_BUDGETS.edge)
  keeper.watch({
    disk: {
      setLimit: (bytes: number | null) => void (given['disk'] = bytes),
      use: () => ({ used: 5, free: 6, refused: 7 }),
    } as never,
    verifier: { setCores: (cores) => void (given['cores'] = cores), usedSeconds: 8 },
    connections: { setMax: (connections) => void (given['connections'] = connections), count: () => 9 },
  })
  const { edge } = DEFAULT_BUDGETS
  expect(given).toEqual({ disk: edge.diskBytes, cores: edge.proofCores, connections: edge.connections })

  keeper.bandwidth.up.spend(3_000)
  time += 2_000
  expect(keeper.use()).toMatchObject({
    upload: { limit: edge.upload, total: 3_000, perSecond: 1_500 },
    download: { limit: edge.download, total: 0, perSecond: 0 },
    disk: { limit: edge.diskBytes, used: 5, free: 6, refused: 7 },
    connections: { limit: 50, open: 9 },
    proofs: { cores: 0.25, usedSeconds: 8 },
  })

  keeper.apply(DEFAULT_BUDGETS.full)
  expect(given).toEqual({ disk: null, cores: undefined, connections: 300 })
  expect(keeper.bandwidth.up.take(1_000_000_000)).toBe(1_000_000_000)
})
