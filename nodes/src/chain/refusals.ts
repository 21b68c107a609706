/** It pays too little to take the place of another one. Endpoints have words for it and no code. */
export const isUnderpriced = (cause: unknown): boolean => says(cause, /underpriced/i)

/** The endpoint has it, or something in its place. */
export const isKnown = (cause: unknown): boolean =>
  says(cause, /already known|already imported|known transaction|nonce too low|underpriced/i)

const says = (cause: unknown, words: RegExp): boolean => cause instanceof Error && words.test(cause.message)
