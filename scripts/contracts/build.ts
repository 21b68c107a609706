import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'

const ATTEMPTS = 5
/** Hardhat writes it beside its place and moves it there; of two builds at once, one finds it moved already. */
const CACHE_FILE = 'compile-cache.json'

/** Compiles the contracts (not their tests) unless the cache has them. Throws HardhatError with the compiler's messages. */
export async function build(hre: HardhatRuntimeEnvironment): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await hre.tasks.getTask('build').run({ quiet: true, noTests: true })
      return
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error && error.message.includes(CACHE_FILE))) throw error
    }
  }
}
