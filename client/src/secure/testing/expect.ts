import { SecureError } from '../errors.ts'

export const isSecureError = (error: unknown, code: SecureError['code']): boolean =>
  error instanceof SecureError && error.code === code
