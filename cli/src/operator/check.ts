import type { OperatorConnection } from '@teahouse/client'
import { shown, type Text } from '../texts/say.ts'
import type { OpenedFolder } from './folder.ts'
import type { NodeApi } from './node-api.ts'

/** One thing that was looked at: what was found, and what to do if it is not good. */
export interface Check {
  readonly name: string
  readonly result: 'good' | 'bad' | 'unknown'
  readonly found: Text
  /** Only if there is something to do. */
  readonly advice?: Text
}

export interface CheckDeps extends OpenedFolder {
  readonly desk: OperatorConnection
  readonly api: NodeApi
  readonly isUp: boolean
}

export const good = (name: string, found: Text): Check => ({ name, result: 'good', found })
export const bad = (name: string, found: Text, advice: Text): Check => ({
  name,
  result: 'bad',
  found,
  advice,
})
export const unknown = (name: string, found: Text, advice: Text): Check => ({
  name,
  result: 'unknown',
  found,
  advice,
})

/** The same in English, for --json. */
export const checkJson = ({ name, result, found, advice }: Check) => ({
  ...{ name, result, found: shown(found) },
  ...(advice !== undefined && { advice: shown(advice) }),
})
