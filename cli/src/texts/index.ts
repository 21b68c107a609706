import { en, type Texts } from './en.ts'
import { zhHans } from './zh-Hans.ts'

export type { Texts } from './en.ts'

/** The texts of the language that the environment asks for: TEAHOUSE_LANG, or else the locale's; English by default. */
export function textsFor(env: NodeJS.ProcessEnv | undefined): Texts {
  const wanted = env?.['TEAHOUSE_LANG'] || env?.['LC_ALL'] || env?.['LC_MESSAGES'] || env?.['LANG'] || ''
  return /^zh(?!.*(tw|hk|hant))/i.test(wanted) ? zhHans : en
}
