import { TeahouseError } from '@teahouse/protocol/errors'
import { WireError } from '@teahouse/protocol/wire'
import type { z } from 'zod'
import { statusName } from '../lightpush/index.ts'
import { Refusal } from '../net/index.ts'

export type ApiFailure =
  | {
      readonly code: 'PORT_TAKEN' | 'ADDRESS_UNUSABLE' | 'TOKEN_NEEDED'
      readonly host: string
      readonly port: number
    }
  | { readonly code: 'TOKEN_UNUSABLE' | 'TOKEN_OPEN_TO_OTHERS'; readonly path: string }

/** The HTTP API can't be started as it is configured. */
export class ApiError extends TeahouseError<ApiFailure> {}

/** A request that gets another answer than it asked for: `code` and the message are told, with the HTTP status. */
export class AnswerError extends TeahouseError<{ readonly code: string; readonly status: number }> {
  constructor(status: number, code: string, message: string, options?: { cause?: unknown }) {
    super(message, { code, status }, options)
  }
}

export function badRequest(message: string, options?: { cause?: unknown }): AnswerError {
  return new AnswerError(400, 'BAD_REQUEST', message, options)
}

/** Names the field and what is wrong with it; values are not repeated. */
export function invalid(where: string, error: z.ZodError): AnswerError {
  const [first] = error.issues
  const path = [where, ...(first?.path ?? [])].map(String).join('.')
  return badRequest(`${path}: ${first?.message ?? 'not what is expected'}`)
}

export interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** What an error is answered with: the one place where errors become HTTP. Undefined for a fault of the node. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof AnswerError) return { ...error.detail, message: error.message }
  if (error instanceof Refusal) {
    const { status } = error.detail
    return { status, code: statusName(status), message: error.message }
  }
  if (error instanceof WireError) {
    const { message } = error
    return error.code === 'TOO_LARGE'
      ? { status: 413, code: 'PAYLOAD_TOO_LARGE', message }
      : { status: 400, code: 'BAD_REQUEST', message }
  }
  return frameworkFailure(error)
}

/** Codes of what the framework finds wrong with a request. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
}

function frameworkFailure(error: unknown): Failure | undefined {
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string }
  if (statusCode === undefined || !code?.startsWith('FST_') || FRAMEWORK_CODES[statusCode] === undefined)
    return undefined
  return { status: statusCode, code: FRAMEWORK_CODES[statusCode], message: message ?? '' }
}
