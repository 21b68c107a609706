import { cabRide } from './cab-ride.ts'
import { deposit } from './deposit.ts'
import { insurance } from './insurance.ts'
import { marketplace } from './marketplace.ts'
import { plain } from './plain.ts'
import type { AnyTemplate } from './template.ts'

/** The kinds of deals that every deployment has contracts for. An application adds its own. */
export const TEMPLATES: readonly AnyTemplate[] = [plain, cabRide, marketplace, insurance, deposit]

export { cabRide, deposit, insurance, marketplace, plain }
