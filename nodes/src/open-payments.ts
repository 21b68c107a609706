import { abis } from '@teahouse/protocol/chain'
import type { Base } from './base.ts'
import { payeeOf } from './chain/operator-keys.ts'
import { createPayments, type Payments } from './payments/payments.ts'

/** Builds what prices, meters and settles, for the payee that the operator's stake names. */
export async function openPayments({ config, key, chain, db, now, log }: Base): Promise<Payments> {
  const { chainId, contracts, operatorId } = config
  const { account } = key
  const { client, sender } = chain
  const payee =
    operatorId === 0
      ? account.address
      : await payeeOf(client, contracts.OperatorStaking, operatorId, account.address)
  const thawSeconds = await client.readContract({
    address: contracts.PaymentChannels,
    abi: abis.PaymentChannels,
    functionName: 'thawSeconds',
  })
  const paymentsLog = log.child({ module: 'payments' })
  return createPayments(config.payments, {
    db: db.vouchers,
    client,
    sender,
    account,
    chainId,
    contracts,
    operatorId,
    payee,
    thawSeconds,
    chain: config.chain,
    now,
    log: paymentsLog,
  })
}
