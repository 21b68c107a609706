/** The escrow kit: docs/deals.md. */
export type { Agreed, Case, DealPlace, Locale, Parties, Unit, Words } from './agreed.ts'
export { LOCALES } from './agreed.ts'
export {
  disclosureHash,
  readDisclosure,
  writeDisclosure,
  type Disclosure,
  type ShownMessage,
} from './disclosure.ts'
export { readingTypedData, subjectOf, type Reading } from './insurance.ts'
export type { DealKit } from './kit.ts'
export {
  dealState,
  type DealMove,
  type DealNow,
  type DealRole,
  type Possible,
  type Silence,
} from './machine.ts'
export { describeOffer, offerFor, offerOf, readOffer, writeOffer, type Offer } from './offer.ts'
export { dealLink, dealText } from './offer-link.ts'
export { payoutOf, type Closing, type DealView, type Payout } from './payout.ts'
export {
  arbiterCard,
  arbiterSecret,
  openDisclosure,
  readArbiterCard,
  sealDisclosure,
  type ArbiterCard,
} from './sealing.ts'
export { sentenceOf, type Signable } from './sentence.ts'
export {
  readSigned,
  signAct,
  signVerdict,
  writeSigned,
  type Confirm,
  type EscrowAct,
  type SignedAct,
  type SignedPermit,
  type SignOptions,
} from './signed.ts'
export { dealSigner, type DealSigner, type WalletProvider } from './signer.ts'
export { statementOf, type Item, type Shares, type Statement } from './statement.ts'
export type { CabRideParams } from './templates/cab-ride.ts'
export type { DepositParams } from './templates/deposit.ts'
export type { InsuranceParams } from './templates/insurance.ts'
export { cabRide, deposit, insurance, marketplace, plain, TEMPLATES } from './templates/index.ts'
export type { MarketplaceParams, Milestone } from './templates/marketplace.ts'
export type { PlainParams } from './templates/plain.ts'
export {
  template,
  type AnyTemplate,
  type Shape,
  type Template,
  type TemplateSpec,
} from './templates/template.ts'
export { watchDeal, type DealEvent, type WatchOptions, type Watched } from './watch.ts'
