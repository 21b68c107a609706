export { BlobWireError } from './errors.ts'
export {
  BLOB_STATUS,
  MAX_BLOB_ANSWER_BYTES,
  MAX_BLOB_BYTES,
  MAX_BLOB_REQUEST_BYTES,
  MAX_BLOB_ROOTS,
} from './limits.ts'
export {
  type BlobAnswer,
  type BlobQuestion,
  decodeBlobAnswer,
  decodeBlobRequest,
  encodeBlobAnswer,
  encodeBlobRequest,
  type SignedReceipt,
} from './messages.ts'
export { blobDays } from './price.ts'
