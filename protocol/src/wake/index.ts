/** `/teahouse/wake/1`: a node wakes a device by a signal that says nothing. Wire format: docs/wire/wake.md. */
export {
  decodeWakeAnswer,
  decodeWakeRequest,
  encodeWakeAnswer,
  encodeWakeRequest,
  MAX_ENDPOINT,
  MAX_WAKE_ANSWER_BYTES,
  MAX_WAKE_REQUEST_BYTES,
  WAKE_STATUS,
  WakeWireError,
  type WakeAnswer,
  type WakeQuestion,
} from './messages.ts'
