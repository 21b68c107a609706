export {
  type Allocation,
  allocationDigest,
  allocationTypedData,
  MAX_TOTAL,
  signAllocation,
} from './allocation.ts'
export { type ChannelAction, signChannelAction } from './channel-action.ts'
export { checkSignature } from './domain.ts'
export { PaymentError, type PaymentErrorDetail } from './errors.ts'
export {
  type Offer,
  offerId,
  offerTypedData,
  type Price,
  pricesHash,
  signOffer,
  verifyOffer,
} from './offer.ts'
export { asksForPayment, unpaidText } from './unpaid.ts'
export {
  type CompactVoucher,
  compactVoucher,
  recoverVoucherSigner,
  signVoucher,
  type Voucher,
  voucherDigest,
  voucherTypedData,
} from './voucher.ts'
export { voucherHasher } from './voucher-digest.ts'
