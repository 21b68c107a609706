import type { Files } from './files.ts'
import type { FilesOnChain } from './on-chain.ts'

/** What `filesOnChain` gives, its code loaded with the first call. */
export function filesLater(deps: FilesOnChain): Files {
  let files: Files | undefined
  const load = async (): Promise<Files> => (files ??= (await import('./on-chain.ts')).filesOnChain(deps))
  return {
    put: async (source, options) => (await load()).put(source, options),
    async *get(reference, options) {
      yield* (await load()).get(reference, options)
    },
    renew: async (reference, options) => (await load()).renew(reference, options),
    forget: async (reference) => (await load()).forget(reference),
    wipe: async () => (await load()).wipe(),
  }
}
