import type { Scenario } from '../outcome.ts'
import { air } from './air.ts'
import { cartel } from './cartel.ts'
import { flood } from './flood.ts'
import { free } from './free.ts'
import { homes } from './homes.ts'
import { market } from './market.ts'
import { operators } from './operators.ts'
import { rules } from './rules.ts'
import { settling } from './settling.ts'
import { start } from './start.ts'
import { storage } from './storage.ts'

/** Every scenario, in the order in which docs/economics.md tells of them. */
export const SCENARIOS: readonly Scenario[] = [
  operators,
  start,
  rules,
  market,
  homes,
  air,
  cartel,
  free,
  flood,
  settling,
  storage,
]
