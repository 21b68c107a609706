export { VerifierConfig } from './config.ts'
export { VerifierPoolError, type VerifierPoolFailure } from './errors.ts'
export { createVerifierPool, type VerifierPool, type VerifierPoolDeps } from './pool.ts'
