import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'

/** Compiles the contracts (not their tests) unless the cache has them. Throws HardhatError with the compiler's messages. */
export async function build(hre: HardhatRuntimeEnvironment): Promise<void> {
  await hre.tasks.getTask('build').run({ quiet: true, noTests: true })
}
