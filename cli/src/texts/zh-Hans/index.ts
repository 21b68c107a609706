import type { Catalogue } from '../say.ts'
import { account } from './account.ts'
import { common } from './common.ts'
import { deals } from './deals.ts'
import { errors } from './errors.ts'
import { hints } from './hints.ts'
import { libraries } from './libraries.ts'
import { market } from './market.ts'
import { messages } from './messages.ts'
import { money } from './money.ts'
import { node } from './node.ts'
import { nodeChecks } from './node-checks.ts'
import { nodeResults } from './node-results.ts'
import { results } from './results.ts'
import { usage } from './usage.ts'

/** What people read on the command line, in Simplified Chinese, by its English. Conversations have texts of their own. */
export const zhHans: Catalogue = {
  ...common,
  ...account,
  ...messages,
  ...market,
  ...money,
  ...deals,
  ...node,
  ...results,
  ...nodeResults,
  ...nodeChecks,
  ...libraries,
  ...usage,
  ...hints,
  ...errors,
}
