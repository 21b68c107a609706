import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const Line = z.object({ type: z.string(), futureId: z.string(), nonce: z.int().optional() })

/**
 * Ignition's futures whose transaction was prepared and never sent: the run ended between the two, and the account has not
 * used the nonce (`nextNonce` is its next one). Ignition itself can't tell, and refuses to go on until they are wiped.
 */
export async function unsentFutures(journal: string, nextNonce: number): Promise<string[]> {
  const text = await readFile(join(journal, 'journal.jsonl'), 'utf8').catch(() => '')
  const prepared = new Map<string, number>()
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { data } = Line.safeParse(JSON.parse(line))
    if (data?.type === 'TRANSACTION_PREPARE_SEND') prepared.set(data.futureId, data.nonce!)
    else if (data?.type === 'TRANSACTION_SEND' || data?.type === 'WIPE_APPLY') prepared.delete(data.futureId)
  }
  return [...prepared].flatMap(([future, nonce]) => (nonce >= nextNonce ? [future] : []))
}
