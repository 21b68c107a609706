import { z } from 'zod'
import type { BudgetUse } from '../../profile/budget-keeper.ts'
import { PROFILES, type Profile } from '../../profile/profiles.ts'
import { SwitchError } from '../../profile/switch.ts'
import { BudgetsOut } from '../budgets.ts'
import { AnswerError } from '../errors.ts'
import { ok, route, type Route } from '../route.ts'

export interface ProfileRoutesDeps {
  readonly current: () => Profile
  readonly budgets: () => BudgetUse
  /** Made and on disk when it resolves. Throws SwitchError. */
  readonly switchTo: (profile: Profile) => Promise<void>
}

const FACTS = { tag: 'admin', access: 'admin', path: '/admin/v1/profile' } as const

export function profileRoutes({ current, budgets, switchTo }: ProfileRoutesDeps): Route[] {
  const ProfileOut = z
    .strictObject({ profile: z.enum(PROFILES), budgets: BudgetsOut })
    .meta({ id: 'Profile' })
  const show = () => ok({ profile: current(), budgets: budgets() })
  return [
    route(
      {
        ...FACTS,
        method: 'GET',
        id: 'getProfile',
        summary: 'The profile, its budgets, and what is used of them',
        answers: { 200: { description: 'The profile.', schema: ProfileOut } },
      },
      show,
    ),
    route(
      {
        ...FACTS,
        method: 'PUT',
        id: 'setProfile',
        summary: 'Changes the profile while the node runs, also for later starts',
        body: z.strictObject({ profile: z.enum(PROFILES) }),
        answers: {
          200: { description: 'It holds now.', schema: ProfileOut },
          503: { description: 'A part could not be started; the node goes on as before. Or it is stopping.' },
        },
      },
      async ({ body }) => {
        await switchTo(body.profile).catch((error: unknown) => {
          if (!(error instanceof SwitchError)) throw error
          throw new AnswerError(503, error.code, error.message, { cause: error })
        })
        return show()
      },
    ),
  ]
}
