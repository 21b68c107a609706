import { revertKey } from './answers.ts'
import { NodeChainError } from './errors.ts'

export interface Question<Who, T> {
  readonly method: string
  /** Whom to ask, in this order: as many as the quorum needs, more when some fail, differ or are slow. */
  readonly voters: readonly Who[]
  readonly quorum: number
  /** Milliseconds after which one more is asked. */
  readonly stallMs: number
  readonly ask: (voter: Who) => Promise<T>
  /** Called for everyone who said something else than the quorum, also when that comes late. */
  readonly contradicted: (voter: Who) => void
}

/** What one voter said: an answer, or a contract's refusal, which is as good as one. */
interface Said<T> {
  readonly key: string
  readonly tell: () => T
}

/**
 * The answer that `quorum` voters give; a contract's refusal that a quorum gives is thrown.
 * @throws NodeChainError NO_QUORUM with what the last voter failed with as its cause.
 */
export function askQuorum<Who, T>(question: Question<Who, T>): Promise<T> {
  const { voters, quorum, stallMs, method } = question
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const groups = new Map<string, { said: Said<T>; by: Who[] }>()
  let next = 0
  let pending = 0
  let decided: string | undefined
  let over = false
  let lastFailure: unknown

  const best = () => Math.max(0, ...[...groups.values()].map(({ by }) => by.length))

  function end(finish: () => void): void {
    over = true
    clearInterval(stalled)
    finish()
  }

  function heard(voter: Who, said: Said<T>): void {
    if (decided !== undefined && said.key !== decided) return question.contradicted(voter)
    if (over) return
    const group = groups.get(said.key) ?? { said, by: [] }
    groups.set(said.key, group)
    group.by.push(voter)
    if (group.by.length < quorum) return
    decided = said.key
    for (const other of groups.values()) if (other !== group) other.by.forEach(question.contradicted)
    end(() => settle(said, resolve, reject))
  }

  async function launch(): Promise<void> {
    const voter = voters[next++]!
    pending++
    try {
      const answer = await question.ask(voter)
      heard(voter, { key: JSON.stringify(answer) ?? 'undefined', tell: () => answer })
    } catch (err) {
      const key = revertKey(err)
      if (key === undefined) lastFailure = err
      else
        heard(voter, {
          key,
          tell: () => {
            throw err
          },
        })
    }
    pending--
    topUp()
  }

  function topUp(): void {
    if (over) return
    while (next < voters.length && best() + pending < quorum) void launch()
    if (pending > 0 || next < voters.length) return
    const detail = { code: 'NO_QUORUM', method, quorum, agreed: best(), answers: groups.size } as const
    const message = `${best()} of ${quorum} RPC endpoints that have to agree did so on ${method}`
    end(() => reject(new NodeChainError(message, detail, { cause: lastFailure })))
  }

  const stalled = setInterval(() => {
    if (next < voters.length) void launch()
  }, stallMs)
  topUp()
  return promise
}

function settle<T>({ tell }: Said<T>, resolve: (value: T) => void, reject: (err: unknown) => void): void {
  try {
    resolve(tell())
  } catch (err) {
    reject(err)
  }
}
