import { ProofError, type ProofErrorDetail } from '../errors.ts'
import type { ProverArtifacts, ProverInput, SlotInput } from '../prover.ts'

/** One end of a channel between two threads: Web workers and Node's have it under slightly different names. */
export interface ProverPort {
  send(message: unknown): void
  /** The only listener. */
  receive(listener: (message: unknown) => void): void
}

/** What the page or main thread asks of the worker. */
export type Order =
  | { readonly kind: 'open'; readonly artifacts: ProverArtifacts }
  | { readonly kind: 'prove'; readonly id: number; readonly input: ProverInput }
  | { readonly kind: 'prepare'; readonly id: number; readonly input: SlotInput }
  | { readonly kind: 'counters'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number }

/** What the worker answers. */
export type Report =
  | { readonly kind: 'progress'; readonly id: number; readonly done: number }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'error'
      readonly id: number
      readonly message: string
      readonly detail: ProofErrorDetail
    }

/** An error as it crosses to another thread; what else it knows stays behind. */
export function errorReport(id: number, error: unknown): Report {
  const message = error instanceof Error ? error.message : String(error)
  const detail = error instanceof ProofError ? error.detail : ({ code: 'PROVING_FAILED' } as const)
  return { kind: 'error', id, message, detail }
}
