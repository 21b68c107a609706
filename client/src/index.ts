/** The Teahouse SDK: accounts, membership, messages, payments and deals. Runs in browsers and in Node. */
export {
  accountFromPhrase,
  createAccount,
  type Account,
  type ChatIdentity,
  type NewAccountOptions,
} from './account/account.ts'
export {
  restoreBackup,
  writeBackup,
  type BackupOptions,
  type BackupSection,
  type Restored,
} from './account/backup/backup.ts'
export { BackupError } from './account/backup/errors.ts'
export { contactName, decodeCard, encodeCard, type ContactCard } from './account/contact/card.ts'
export { ContactError } from './account/contact/errors.ts'
export type { Gift } from './account/contact/gift.ts'
export {
  decodeIntroduction,
  encodeIntroduction,
  meaningOf,
  type Introduction,
  type IntroductionMeaning,
} from './account/contact/introduction.ts'
export { readInvitation, writeInvitation, type Invitation } from './account/contact/invitation.ts'
export {
  checkVerification,
  safetyNumber,
  verificationText,
  type Verification,
} from './account/contact/safety-number.ts'
export { AccountError, type PhraseLanguage } from './account/errors.ts'
export {
  openAccountFile,
  readAccountFile,
  sealAccount,
  fileKey,
  withPassphrase,
  writeAccountFile,
  type AccountFile,
} from './account/keystore/account-file.ts'
export { KeystoreError } from './account/keystore/errors.ts'
export type { ScryptCost } from './account/keystore/kdf.ts'
export {
  exportRlnKeystore,
  membershipHash,
  openRlnKeystore,
  readRlnKeystore,
  type RlnKeystore,
  type RlnMembership,
} from './account/keystore/rln-keystore.ts'
export {
  exportWeb3Keystore,
  openWeb3Keystore,
  readWeb3Keystore,
  sealWeb3Key,
  type Web3Keystore,
} from './account/keystore/web3-keystore.ts'
export { ShareError } from './account/recovery/errors.ts'
export {
  MAX_SHARES,
  recoverPhrase,
  splitPhrase,
  type Recovered,
  type SplitOptions,
} from './account/recovery/shares.ts'
export { MAX_PERSONA } from './account/roots.ts'
export { AmountError, formatAmount, parseAmount } from './amounts.ts'
export type { Attachment, OutgoingFile, SendFileOptions, SentFile } from './chat/attachments.ts'
export type { ConversationSummary } from './chat/chat.ts'
export type { ChatOptions } from './chat/engine.ts'
export { readBlockList, type BlockList } from './chat/block-list.ts'
export type { FollowedList } from './chat/block-lists.ts'
export { contactCard, readContactCard } from './chat/card.ts'
export { coverCost, type CoverCost } from './chat/cover.ts'
export type { Contact, ContactChange } from './chat/contacts.ts'
export type { Body, FileBody } from './chat/content.ts'
export { ChatError } from './chat/errors.ts'
export type { ChatEvent } from './chat/events.ts'
export { fileName } from './chat/file-name.ts'
export type { IncomingMessage } from './chat/incoming.ts'
export type { Chat } from './chat/open-chat.ts'
export type { Entry } from './chat/ordering.ts'
export type { ChatMessage, MessageState, SentChat } from './chat/record.ts'
export { backupSections } from './backup.ts'
export { ChainNodesError } from './chain-relay/errors.ts'
export { readContradiction, type Contradiction } from './chain-relay/evidence.ts'
export type { NodesWayOptions } from './chain-relay/open.ts'
export { CallError } from './chain/errors.ts'
export type { TxResult } from './chain/chain.ts'
export { connect, type Client } from './client.ts'
export type { ConnectOptions } from './connect-options.ts'
export type { CourtCase } from './courts/courts.ts'
export { CourtError } from './courts/errors.ts'
export { readMessageReceipt } from './courts/message-receipts.ts'
export type { Checked, KeptMessageReceipt } from './courts/message-receipts.ts'
export type { Evidence, HourQuestion } from './courts/evidence.ts'
export { readReceipt, writeReceipt, type KeptReceipt } from './courts/receipt-text.ts'
export {
  arrivalEvidence,
  cancellationEvidence,
  cancellationTypedData,
  newRide,
  rideDetails,
  type CabRide,
  type RideStep,
} from './deals/cab-ride.ts'
export {
  DealError,
  actTypedData,
  checkTerms,
  dealId,
  fundingTypedData,
  lastEnd,
  type DealAct,
  type DealTerms,
} from './deals/terms.ts'
export type { DealStatus, OpenDeal } from './deals/deals.ts'
export * from './deals/index.ts'
export type { DealOutcome } from './deals/reading.ts'
export {
  createExit,
  ExitError,
  type Exit,
  type ExitDone,
  type ExitItem,
  type ExitOptions,
  type ExitRefused,
  type ExitResult,
  type ExitRun,
  type ExitStep,
} from './exit/index.ts'
export { readEnvelopeLink, writeEnvelopeLink, type EnvelopeContent } from './envelopes/content.ts'
export type { CreatedEnvelope, CreateEnvelope, EnvelopeStatus } from './envelopes/envelopes.ts'
export { EnvelopesError } from './envelopes/errors.ts'
export type { Recipients } from './envelopes/making.ts'
export type { Opened as OpenedEnvelope, OpenOptions } from './envelopes/opening.ts'
export type { HistoryEntry, MoneyHistory } from './money/history.ts'
export { MoneyError } from './money/errors.ts'
export { readPaymentLink, writePaymentLink, type PaymentLink } from './money/link.ts'
export type { PaymentPlan, PaymentResult, PayOptions } from './money/money.ts'
export type { FalseReceipt, GivenReceipt, Verdict } from './money/receipts.ts'
export { readAmount, showAmount, type TokenInfo } from './money/tokens.ts'
export type { Weighed } from './market/market.ts'
export { UNITS, type Unit } from './market/units.ts'
export type { ServiceHistory } from './market/record.ts'
export { MarketError } from './market/shared-records.ts'
export { FileError } from './files/errors.ts'
export type { Files } from './files/files.ts'
export type { GetOptions, PutOptions, RenewedFile, StoredFile } from './files/options.ts'
export { readReference, type FileReference } from './files/reference.ts'
export {
  connectOperator,
  OperatorError,
  operatorNeeds,
  type OperatorConnection,
  type OperatorRecord,
  type OperatorState,
  type PreparedSteps,
  type OperatorNeeds,
} from './operator/index.ts'
export { LeaseError } from './membership/leases/errors.ts'
export { LightViewError, MembershipError, type NodeFailure } from './membership/errors.ts'
export { GiftError } from './membership/gift-errors.ts'
export type { GiftState, MakeGift } from './membership/gifts.ts'
export { MAX_RATE_LIMIT } from './membership/limits.ts'
export type { JoinResult, MembershipStatus } from './membership/membership.ts'
export { MessageIdError, type Remaining } from './membership/message-ids.ts'
export { renewalWarning, type RenewalWarning } from './membership/renewal.ts'
export { draftMessage, proveMessage, type Draft, type ProveOptions } from './messaging/compose.ts'
export type { DeliverOptions, Delivery, DeliveryNotice } from './messaging/delivery.ts'
export { PushError, QueryError, SendError, type PushStatus } from './messaging/errors.ts'
export type { ProverArtifacts, ProverSource, ProvingCounts } from './messaging/proving.ts'
export type { Published, PublishOptions } from './messaging/publisher.ts'
export type { HistoryOptions, HistoryResult, ListenOptions, Preference } from './messaging/reader.ts'
export type { ReceivedMessage } from './messaging/received.ts'
export type { SendOptions, SendResult } from './messaging/sender.ts'
export type { Subscription } from './messaging/subscription.ts'
export { NetError } from './net/errors.ts'
export type { NodeRecord, ServiceName } from './net/directory.ts'
export type { Transports } from './net/peer.ts'
export { paidBefore } from './payments/budget.ts'
export type { ChannelState } from './payments/channel.ts'
export { PayError } from './payments/errors.ts'
export { priceOf, type NodeOffer } from './payments/offers.ts'
export type { PayAnswer } from './payments/till.ts'
export { SlotError } from './proving/errors.ts'
export { slotKeyOf } from './proving/slot-key.ts'
export { slotStore, type SlotLabel, type SlotStore, type StoredSlot } from './proving/slot-store.ts'
export type { PrepareOptions } from './proving/slots.ts'
export { readBundle } from './secure/bundle.ts'
export { readCard } from './secure/card.ts'
export { SecureError } from './secure/errors.ts'
export { createSessions } from './secure/sessions.ts'
export type {
  Bundle,
  Card,
  DeviceAddress,
  Opened,
  Plaintext,
  SessionState,
  Sessions,
  SessionsOptions,
} from './secure/types.ts'
export { sealedStore, type SealedStore } from './storage/sealed-store.ts'
export { StorageError, memoryStore, type KeyValueStore, type Stored } from './storage/store.ts'
export { WakeError } from './wake/errors.ts'
export type { WakeOptions } from './wake/wake.ts'
