import { TeahouseError } from '@teahouse/protocol/errors'

/**
 * A proof was not verified, which says nothing about it: OVERLOADED, too much is waiting; DROPPED, its sender was
 * turned away; STOPPED, the node stops; THREAD_LOST, the threads that tried it died.
 */
export type VerifierPoolFailure = { readonly code: 'OVERLOADED' | 'DROPPED' | 'STOPPED' | 'THREAD_LOST' }

export class VerifierPoolError extends TeahouseError<VerifierPoolFailure> {}
