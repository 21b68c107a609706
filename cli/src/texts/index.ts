import { en, type Texts } from './chat-en.ts'
import { languageOf } from './language.ts'
import { zhHans } from './chat-zh-Hans.ts'

export type { Texts } from './chat-en.ts'

/** The texts of the chat in the language that the environment asks for. */
export function textsFor(env: NodeJS.ProcessEnv | undefined): Texts {
  return languageOf(env) === 'zh-Hans' ? zhHans : en
}
