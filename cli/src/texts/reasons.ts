import { formatAmount } from '@teahouse/client'
import { showDate } from '../output.ts'
import { shown, say, type Catalogue } from './say.ts'

const PLACE = /\{(\d)(?: (time|tokens))?\}/g

/** What a contract's error means, by its name and arguments, in the language of a catalogue; the bare name if the catalogue has none. */
export function reasonIn(catalogue: Catalogue, name: string, args: readonly unknown[]): string {
  const template = catalogue[`reason ${name}`] ?? name
  return template.replace(PLACE, (_, at: string, kind: string | undefined) => {
    const value = args[Number(at)]
    if (kind === 'time') return showDate(Number(value))
    if (kind === 'tokens') return shown(say`${formatAmount(BigInt(String(value)))} tokens`, catalogue)
    return String(value)
  })
}
