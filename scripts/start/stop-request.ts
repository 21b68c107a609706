/**
 * Ctrl-C and its relatives, and a terminal that has gone away (`npm start | head`), as a promise. A second signal changes
 * nothing: stopping is already under way.
 */
export function stopRequest(): Promise<'stop'> {
  const { promise, resolve } = Promise.withResolvers<'stop'>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stop'))
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve('stop'))
  return promise
}
