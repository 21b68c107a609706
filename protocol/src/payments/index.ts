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
export {
  recoverVoucherSigner,
  signVoucher,
  type Voucher,
  voucherDigest,
  voucherTypedData,
} from './voucher.ts'
