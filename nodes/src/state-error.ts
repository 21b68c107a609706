import { TeahouseError } from '@teahouse/protocol/errors'

/** The node was asked for something that it can't give in its present state. */
export class NodeStateError extends TeahouseError<{ readonly code: 'NOT_STARTED' }> {}
