import type { Logger } from 'snarkjs'

/** Runs one step and prints a line with its time; while it lasts, a line every ten seconds. */
export async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  const heartbeat = setInterval(() => console.log(`  … ${name}: ${seconds()}`), 10_000)
  try {
    const result = await run()
    console.log(`✔ ${name} (${seconds()})`)
    return result
  } catch (error) {
    console.log(`✘ ${name} (${seconds()})`)
    throw error
  } finally {
    clearInterval(heartbeat)
  }
}

/** Collects what snarkjs says, for the reason when it answers no. */
export function collector(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const add = (text: string) => void lines.push(text)
  return { lines, debug: () => {}, info: add, warn: add, error: add }
}

/** Ends snarkjs' worker threads, which would keep the process alive. */
export async function endWorkers(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }
  await curve?.terminate()
}
