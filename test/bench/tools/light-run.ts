import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { NODE_FLAGS } from '../../../scripts/bootstrap.mjs'

/** What light-client.ts is told first. */
export interface LightOrder {
  readonly network: LocalNetwork
  readonly phrase: string
  readonly dir: string
  /** Proofs that it keeps ready. */
  readonly slots: number
}

/** Bytes in both directions since the process began, and how many sockets there were. */
export interface SocketBytes {
  readonly nodes: number
  readonly chain: number
  readonly sockets: number
}

/** What it says. */
export interface LightReport {
  readonly card?: string
  readonly bytes?: SocketBytes
}

/** A client of its own that answers whoever writes to it, and counts what goes through its sockets. */
export interface LightClient {
  readonly card: string
  /** From now on it does what a client does that is left alone. */
  rest(): void
  bytes(): Promise<SocketBytes>
  stop(): Promise<void>
}

/** Starts it and waits until it can be written to. Throws if it ends before. */
export async function startLightClient(order: LightOrder): Promise<LightClient> {
  const child = fork(join(import.meta.dirname, 'light-client.ts'), { execArgv: [...NODE_FLAGS] })
  const ended = once(child, 'exit')
  child.send({ ...order })
  const { card } = await Promise.race([
    reportOf(child, ({ card }) => card !== undefined),
    ended.then((): never => {
      throw new Error('The light client has ended')
    }),
  ])
  return {
    card: card!,
    rest: () => void child.send('rest'),
    async bytes() {
      const told = reportOf(child, ({ bytes }) => bytes !== undefined)
      child.send('bytes')
      return (await told).bytes!
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}

function reportOf(child: ChildProcess, wanted: (report: LightReport) => boolean): Promise<LightReport> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      if (!wanted(message as LightReport)) return
      child.off('message', listen)
      resolve(message as LightReport)
    }
    child.on('message', listen)
  })
}
