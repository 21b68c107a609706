import { join } from 'node:path'
import type { Base } from './base.ts'
import type { NodeConfig } from './config.ts'
import type { Service } from './net/index.ts'
import type { BudgetKeeper } from './profile/budget-keeper.ts'
import { openChoice } from './profile/choice.ts'
import { budgetsOf } from './profile/config.ts'
import type { Part, Profile } from './profile/profiles.ts'
import { profileSwitch, type ProfileSwitch } from './profile/switch.ts'
import { openEngine } from './store/index.ts'

/** The profile of the running node. */
export interface NodeProfile extends Omit<ProfileSwitch, 'reread'> {
  /** Applies what a configuration that was read again says of profile and budgets. Throws SwitchError. */
  reconfigure(config: Pick<NodeConfig, 'profile' | 'budgets'>): Promise<void>
}

export interface ProfileParts {
  readonly budgets: BudgetKeeper
  /** Made later than the profile, which what they are made of asks about. */
  readonly parts: () => Readonly<Record<Exclude<Part, 'archive'>, Service>>
}

/** The profile that was configured, or chosen at run time in an earlier run. Nothing runs before `start()`. */
export async function openProfile(base: Base, { budgets, parts }: ProfileParts): Promise<NodeProfile> {
  const { config, log: nodeLog, archive, engine } = base
  const log = nodeLog.child({ module: 'profile' })
  const choice = await openChoice(join(config.dataDir, 'profile.json'), config.profile, log)
  let configured = config.budgets

  const archivePart: Service = {
    start: () =>
      engine.attach(() =>
        openEngine(config.store.database, {
          dataDir: config.dataDir,
          log: nodeLog.child({ module: 'archive' }),
        }),
      ),
    async stop() {
      await archive.settled()
      await engine.detach()
    },
  }
  const applied = (profile: Profile) => budgets.apply(budgetsOf(profile, configured))
  const { reread, ...switching } = profileSwitch({
    parts: () => ({ ...parts(), archive: archivePart }),
    choice,
    applied,
    log,
  })
  return {
    ...switching,
    get current() {
      return choice.current
    },
    async reconfigure(next) {
      configured = next.budgets
      await reread(next.profile)
    },
  }
}
