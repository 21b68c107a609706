import type { createFiles, Files } from './files.ts'

/** What `createFiles` gives, its code loaded with the first call. */
export function filesLater(deps: Parameters<typeof createFiles>[0]): Files {
  let files: Files | undefined
  const load = async (): Promise<Files> => (files ??= (await import('./files.ts')).createFiles(deps))
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
