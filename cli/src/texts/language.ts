import { usage } from '../errors.ts'
import { say, shown, type Catalogue, type Text } from './say.ts'
import { zhHans } from './zh-Hans/index.ts'

export type Language = 'en' | 'zh-Hans'

/** What the command line's texts are in another language than English; none for English. */
export const catalogueOf = (language: Language): Catalogue | undefined =>
  language === 'zh-Hans' ? zhHans : undefined

/** The language that the environment asks for: TEAHOUSE_LANG, or else the locale's; English by default. */
export function languageOf(env: NodeJS.ProcessEnv | undefined): Language {
  const wanted = env?.['TEAHOUSE_LANG'] || env?.['LC_ALL'] || env?.['LC_MESSAGES'] || env?.['LANG'] || ''
  return /^zh(?!.*(tw|hk|mo|hant))/i.test(wanted) ? 'zh-Hans' : 'en'
}

/** A question in the language that the environment asks for. */
export const asked = (env: NodeJS.ProcessEnv, question: Text): string =>
  shown(question, catalogueOf(languageOf(env)))

/** The language of `--lang`. Throws CliError USAGE for one that there is none of. */
export function readLanguage(text: string): Language {
  if (/^en([-_.].*)?$/i.test(text)) return 'en'
  if (languageOf({ TEAHOUSE_LANG: text }) === 'zh-Hans') return 'zh-Hans'
  throw usage(say`There are no texts in "${text}"`, say`Languages are en and zh-Hans`)
}

/** What `--lang` says in a command line that nobody has parsed yet: help and errors go by it, too. */
export function givenLanguage(args: readonly string[]): string | undefined {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const joined = own.find((arg) => arg.startsWith('--lang='))
  if (joined !== undefined) return joined.slice('--lang='.length)
  const at = own.indexOf('--lang')
  return at < 0 ? undefined : own[at + 1]
}
