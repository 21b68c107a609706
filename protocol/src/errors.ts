/**
 * The base of every error that Teahouse throws. `detail.code` tells the cases of a module apart;
 * the other fields of `detail` say what a caller needs to react. The original error is kept as `cause`.
 */
export class TeahouseError<Detail extends { readonly code: string }> extends Error {
  readonly detail: Detail

  constructor(message: string, detail: Detail, options?: { cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.detail = detail
  }

  get code(): Detail['code'] {
    return this.detail.code
  }
}

/** True if `error` is a TeahouseError, whatever its module; narrows `error.detail.code` to a string. */
export function isTeahouseError(error: unknown): error is TeahouseError<{ readonly code: string }> {
  return error instanceof TeahouseError
}
