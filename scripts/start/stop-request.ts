/** Ctrl-C and its relatives, as a promise. A second signal changes nothing: stopping is already under way. */
export function stopRequest() {
  const { promise, resolve } = Promise.withResolvers<'stop'>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('stop'))
  return promise
}
