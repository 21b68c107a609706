import type { Logger } from 'pino'
import type { NodeConfig } from './config.ts'
import { createNode } from './node.ts'
import type { OpenKey } from './operator/key-file.ts'

/** Signals that end a node cleanly. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * Runs a node as this process: until SIGTERM or SIGINT, then stops it cleanly. A second signal ends the process at once with code 1.
 * A node that the operator has had leave stops by itself. SIGHUP applies what `reload` then says of profile and budgets.
 * Resolves when the node has stopped; throws the typed error of what could not start. An exception that nobody caught stops the node and is thrown.
 */
export async function runNode(
  config: NodeConfig,
  log: Logger,
  reload?: () => Promise<NodeConfig>,
  openKey?: OpenKey,
): Promise<void> {
  const node = createNode(config, { log, openKey })
  const ended = Promise.withResolvers<void>()
  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    if (++signals > 1) process.exit(1)
    log.info({ signal }, 'Stopping the node')
    void node.stop()
    ended.resolve()
  }
  // A promise that a library forgot must not let a peer end the node.
  const onForgotten = (err: unknown) => log.error({ err }, 'Went on after a failure that nobody handled')
  const onFault = (err: unknown) => {
    log.fatal({ err }, 'Stopping the node after a fault that nobody caught')
    ended.reject(err)
  }
  const onHangUp = () => {
    if (!reload) return log.info('There is no configuration to read again')
    reload()
      .then((next) => node.reconfigure(next))
      .then(() => log.info('Read the configuration again'))
      .catch((err: unknown) => log.error({ err }, 'Goes on with the configuration that it had'))
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  process.on('SIGHUP', onHangUp)
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onForgotten)
  ended.promise.catch(() => undefined)
  void node.drained.then(ended.resolve)
  try {
    await node.start().catch((err: unknown) => {
      if (signals === 0) throw err
    })
    await ended.promise
  } finally {
    await node.stop()
    for (const signal of SIGNALS) process.off(signal, onSignal)
    process.off('SIGHUP', onHangUp)
    process.off('uncaughtException', onFault)
    process.off('unhandledRejection', onForgotten)
  }
  log.info('Stopped the node')
}
