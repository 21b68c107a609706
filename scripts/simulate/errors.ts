import { TeahouseError } from '@teahouse/protocol/errors'

export type SimulateFailure =
  /** A file that the simulation reads does not say what it should. */
  | { readonly code: 'NO_FACT'; readonly file: string; readonly wanted: string }
  /** The search for a threshold was given an interval without one. */
  | { readonly code: 'NO_THRESHOLD'; readonly from: number; readonly to: number }

export class SimulateError extends TeahouseError<SimulateFailure> {}
