interface WithProcess {
  readonly process?: { getBuiltinModule?: (name: string) => unknown }
}

/** `node:crypto`, if this is Node. Not imported, so that bundles for pages don't look for it. */
export const builtinCrypto = (): unknown =>
  (globalThis as WithProcess).process?.getBuiltinModule?.('node:crypto')

export const inNode = (): boolean => builtinCrypto() !== undefined
