/** `/teahouse/chain/1`: signed answers about the chain, and signed actions that nodes send. Wire format: docs/wire/chain.md. */
export {
  actionId,
  readAction,
  RELAYING_CONTRACTS,
  type ActionCall,
  type RelayedAction,
  type RelayingContract,
} from './actions.ts'
export { chainCalls, type ChainCalls, type ChainExchange } from './calls.ts'
export { CONTENTS, type BlockHeader, type CallResult, type ChainLog, type ChainReceipt } from './contents.ts'
export { ChainRelayError, type ChainRelayErrorDetail } from './errors.ts'
export * from './limits.ts'
export {
  ACTION_STATES,
  decodeCommand,
  decodeReply,
  encodeCommand,
  encodeReply,
  type ActionProgress,
  type ActionState,
  type BlockName,
  type ChainCommand,
  type ChainReply,
} from './messages.ts'
export {
  decodeQuestion,
  encodeQuestion,
  NO_QUESTION,
  type ChainQuestion,
  type QuestionKind,
} from './questions.ts'
export {
  answerTypedData,
  contradicts,
  signAnswer,
  verifyAnswer,
  type ChainStatement,
  type SignedChainAnswer,
} from './statement.ts'
