/** Work that nobody waits for, one run at a time. */
export interface Background<Input> {
  /** Starts the work unless it is still under way: then this input is left out, and the next one will do. */
  run(input: Input): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

/** Wraps `work`, which must not throw. */
export function inBackground<Input>(work: (input: Input) => Promise<void>): Background<Input> {
  let running: Promise<void> | undefined
  return {
    run(input) {
      running ??= work(input).finally(() => (running = undefined))
    },
    idle: async () => running,
  }
}
