import type { OperatorConnection } from '@teahouse/client'
import type { OpenedFolder } from './folder.ts'
import type { NodeApi } from './node-api.ts'

/** One thing that was looked at: what was found, and what to do if it is not good. */
export interface Check {
  readonly name: string
  readonly result: 'good' | 'bad' | 'unknown'
  readonly found: string
  /** Only if there is something to do. */
  readonly advice?: string
}

export interface CheckDeps extends OpenedFolder {
  readonly desk: OperatorConnection
  readonly api: NodeApi
  readonly isUp: boolean
}

export const good = (name: string, found: string): Check => ({ name, result: 'good', found })
export const bad = (name: string, found: string, advice: string): Check => ({
  name,
  result: 'bad',
  found,
  advice,
})
export const unknown = (name: string, found: string, advice: string): Check => ({
  name,
  result: 'unknown',
  found,
  advice,
})
