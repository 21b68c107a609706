import type { Address } from 'viem'
import type { ChatMessage } from '../chat/record.ts'

/** The address in a message about where to pay on a chain; undefined for a question, null for any other message. */
export function payAtOf({ body }: Pick<ChatMessage, 'body'>, chainId: number): Address | undefined | null {
  return body.kind === 'payAt' && body.chainId === chainId ? body.address : null
}

/** Whether the other side of a conversation asked where it can pay, and was not told since. The last message comes last. */
export function isAsked(messages: readonly ChatMessage[], chainId: number): boolean {
  const asked = messages.findLastIndex((one) => !one.mine && payAtOf(one, chainId) === undefined)
  if (asked < 0) return false
  return !messages.slice(asked).some((one) => one.mine && typeof payAtOf(one, chainId) === 'string')
}
