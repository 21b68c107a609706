import { TeahouseError } from '@teahouse/protocol/errors'

/** A request that is understood and refused; `status` is the protocol's own code, the message its description. */
export class Refusal extends TeahouseError<{ readonly code: 'REFUSED'; readonly status: number }> {
  constructor(status: number, description: string, options?: { cause?: unknown }) {
    super(description, { code: 'REFUSED', status }, options)
  }
}
