import { RELAYER_HOME } from '@teahouse/protocol/membership'
import type { RelayedAction } from '@teahouse/protocol/chain-relay'

/** Whether an action pays the operator by itself: a registration that names it, or whoever sends it, as the home of its fee. */
export function paysOperator({ functionName, args }: RelayedAction, operatorId: number): boolean {
  if (functionName !== 'registerFor' || operatorId === 0) return false
  const { home } = args[0] as { readonly home: number }
  return home === RELAYER_HOME || home === operatorId
}
