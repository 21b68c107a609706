import { TeahouseError } from '@teahouse/protocol/errors'
import { z } from 'zod'
import { readJsonList, writeSecretFile } from '../files.ts'

/** Bans at a time; the file is read and written whole. */
const MAX_BANS = 10_000

const Ban = z.strictObject({
  peerId: z.string().min(1),
  /** Milliseconds since 1970; for good without it. */
  untilMs: z.int().optional(),
})
export type Ban = z.output<typeof Ban>

/** The list of bans is full. */
export class BanError extends TeahouseError<{ readonly code: 'TOO_MANY_BANS' }> {}

/** Peers that the operator wants none of. */
export interface Bans {
  isBanned(peerId: string): boolean
  list(): Ban[]
  /** On disk when it resolves; replaces the ban that there is. Throws BanError. */
  ban(ban: Ban): Promise<void>
  /** On disk when it resolves. False if there was none. */
  unban(peerId: string): Promise<boolean>
}

/** Opens the bans in a JSON file, which need not be there. `now` in milliseconds since 1970. @throws DataError. */
export async function openBans(path: string, now: () => number = Date.now): Promise<Bans> {
  let bans = new Map((await readJsonList(path, Ban, 'bans')).map((ban) => [ban.peerId, ban]))
  let writing: Promise<unknown> = Promise.resolve()

  const holds = ({ untilMs }: Ban) => untilMs === undefined || untilMs > now()

  /** One change after the other, each on disk before it holds. */
  function change(to: (current: Map<string, Ban>) => Map<string, Ban>): Promise<void> {
    const changed = writing.then(async () => {
      const next = to(new Map([...bans].filter(([, ban]) => holds(ban))))
      await writeSecretFile(path, `${JSON.stringify([...next.values()])}\n`)
      bans = next
    })
    writing = changed.catch(() => undefined)
    return changed
  }

  return {
    isBanned(peerId) {
      const ban = bans.get(peerId)
      return ban !== undefined && holds(ban)
    },
    list: () => [...bans.values()].filter(holds),
    ban: (ban) =>
      change((current) => {
        current.set(ban.peerId, ban)
        if (current.size > MAX_BANS) throw new BanError('The list of bans is full', { code: 'TOO_MANY_BANS' })
        return current
      }),
    async unban(peerId) {
      let was = false
      await change((current) => {
        was = current.delete(peerId)
        return current
      })
      return was
    },
  }
}
