import { table, value, values, type Metric } from '../metric.ts'

/** Payments, and the chain that settles them. Tokens in their smallest unit, coin in wei. */
export const MONEY: readonly Metric[] = [
  value(
    {
      name: 'teahouse_payments_credited_token_units_total',
      type: 'counter',
      help: "What vouchers promised since the data folder was made, in the token's smallest unit",
    },
    ({ payments }) => Number(payments.credited),
  ),
  value(
    {
      name: 'teahouse_payments_collected_token_units_total',
      type: 'counter',
      help: "What the chain has paid for vouchers, in the token's smallest unit",
    },
    ({ payments }) => Number(payments.collected),
  ),
  value(
    {
      name: 'teahouse_payments_pending_token_units',
      type: 'gauge',
      help: "What vouchers promise and the chain has not paid yet, in the token's smallest unit",
    },
    ({ payments }) => Number(payments.pending),
  ),
  value(
    {
      name: 'teahouse_payments_lost_token_units',
      type: 'gauge',
      help: "What vouchers promised and the chain never pays, since their channels were closed first, in the token's smallest unit",
    },
    ({ payments }) => Number(payments.lost),
  ),
  table(
    {
      name: 'teahouse_payments_charges_total',
      type: 'counter',
      help: "Requests for services by outcome: paid, free, of a member's quota, unpriced, refused for want of payment, limited by the offer",
    },
    ['service', 'outcome'],
    ({ payments }) => payments.charges,
  ),
  values(
    {
      name: 'teahouse_payments_vouchers_total',
      type: 'counter',
      help: 'Vouchers handed in: booked, again, or why they were refused',
    },
    'result',
    ({ payments }) => payments.vouchers,
  ),
  values(
    {
      name: 'teahouse_payments_settlements_total',
      type: 'counter',
      help: 'Vouchers settled, vouchers that the contract skipped, attempts that failed',
    },
    'result',
    ({ payments }) => ({ settled: 0, skipped: 0, failed: 0, ...payments.settlements }),
  ),
  value(
    {
      name: 'teahouse_chain_head_block',
      type: 'gauge',
      help: 'Number of the newest block that a quorum has',
    },
    ({ chain }) => chain.head,
  ),
  value(
    {
      name: 'teahouse_chain_head_timestamp_seconds',
      type: 'gauge',
      help: 'Time of the newest block that a quorum has',
    },
    ({ chain }) => chain.headTime,
  ),
  value(
    { name: 'teahouse_chain_silent_seconds', type: 'gauge', help: 'Seconds since the chain last answered' },
    ({ chain }) => chain.silentMs / 1_000,
  ),
  values(
    { name: 'teahouse_chain_endpoints', type: 'gauge', help: 'RPC endpoints by state' },
    'state',
    ({ chain }) => ({
      ok: 0,
      ...Object.fromEntries(
        [...Map.groupBy(chain.endpoints, ({ state }) => state)].map(([state, all]) => [state, all.length]),
      ),
    }),
  ),
  value(
    {
      name: 'teahouse_chain_endpoints_quorum',
      type: 'gauge',
      help: 'RPC endpoints that have to agree',
    },
    ({ chain }) => chain.quorum,
  ),
  value(
    {
      name: 'teahouse_chain_endpoint_max_lag_blocks',
      type: 'gauge',
      help: 'Blocks by which the slowest RPC endpoint is behind',
    },
    ({ chain }) => Math.max(0, ...chain.endpoints.map(({ lag = 0 }) => lag)),
  ),
  values(
    {
      name: 'teahouse_chain_transactions_total',
      type: 'counter',
      help: 'Transactions of the node key: mined, reverted, failed before',
    },
    'result',
    ({ chain }) => ({ mined: 0, reverted: 0, failed: 0, ...chain.transactions }),
  ),
  value(
    {
      name: 'teahouse_chain_fees_wei_total',
      type: 'counter',
      help: 'What the transactions of the node key cost',
    },
    ({ chain }) => Number(chain.feesWei),
  ),
  value(
    {
      name: 'teahouse_coin_balance_wei',
      type: 'gauge',
      help: 'Coin of the node key, for its own transactions; absent until it was read once',
    },
    ({ funds }) => funds && Number(funds.coinWei),
  ),
  value(
    {
      name: 'teahouse_stake_token_units',
      type: 'gauge',
      help: "The operator's own stake, in the token's smallest unit; absent until it was read once",
    },
    ({ funds }) => (funds?.staked === undefined ? undefined : Number(funds.staked)),
  ),
  value(
    {
      name: 'teahouse_funds_age_seconds',
      type: 'gauge',
      help: 'Seconds since coin and stake were read',
    },
    ({ funds }) => funds && funds.ageMs / 1_000,
  ),
]
