import { table, value, values, type Metric } from '../metric.ts'

/** Peers, bandwidth, what they ask for, and how nodes are found. */
export const NETWORK: readonly Metric[] = [
  values(
    { name: 'teahouse_connections', type: 'gauge', help: 'Open connections, by who dialled' },
    'direction',
    ({ peers }) => peers.connections,
  ),
  value(
    { name: 'teahouse_connections_limit', type: 'gauge', help: 'Connections that may be open' },
    ({ budgets }) => budgets.connections.limit,
  ),
  value(
    {
      name: 'teahouse_connections_closed_for_room_total',
      type: 'counter',
      help: 'Connections that were closed to make room for others',
    },
    ({ peers }) => peers.madeRoom,
  ),
  value(
    {
      name: 'teahouse_operators_connected',
      type: 'gauge',
      help: 'Connected peers that are nodes of registered operators',
    },
    ({ peers }) => peers.operators,
  ),
  value(
    { name: 'teahouse_banned_peers', type: 'gauge', help: 'Peers that the operator banned' },
    ({ peers }) => peers.bans,
  ),
  values(
    {
      name: 'teahouse_network_bytes_total',
      type: 'counter',
      help: 'Bytes over all connections: TCP and WebSocket with handshakes, WebRTC without',
    },
    'direction',
    ({ budgets }) => ({ up: budgets.upload.total, down: budgets.download.total }),
  ),
  values(
    {
      name: 'teahouse_network_limit_bytes_per_second',
      type: 'gauge',
      help: 'Bytes a second that may be sent and received; absent without a limit',
    },
    'direction',
    ({ budgets: { upload, download } }) => ({
      ...(upload.limit === null ? {} : { up: upload.limit }),
      ...(download.limit === null ? {} : { down: download.limit }),
    }),
  ),
  value(
    {
      name: 'teahouse_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'When the certificate of secure WebSocket ends; absent without one',
    },
    ({ peers }) => peers.certificateExpiresAt,
  ),
  {
    name: 'teahouse_request_duration_seconds',
    type: 'histogram',
    labels: ['protocol'],
    help: 'Seconds from a whole request to its answer, refusals included',
    read: ({ requests }) =>
      [...requests].map(([protocol, { seconds }]) => ({ labels: { protocol }, value: seconds })),
  },
  {
    name: 'teahouse_requests_refused_total',
    type: 'counter',
    labels: ['protocol', 'status'],
    help: "Requests that were refused, by the protocol's own status",
    read: ({ requests }) =>
      [...requests].flatMap(([protocol, { refused }]) =>
        Object.entries(refused).map(([status, count = 0]) => ({
          labels: { protocol, status },
          value: count,
        })),
      ),
  },
  {
    name: 'teahouse_requests_dropped_total',
    type: 'counter',
    labels: ['protocol'],
    help: 'Streams that were cut without an answer',
    read: ({ requests }) =>
      [...requests].map(([protocol, { dropped }]) => ({ labels: { protocol }, value: dropped })),
  },
  table(
    { name: 'teahouse_http_requests_total', type: 'counter', help: 'Answers of the HTTP API' },
    ['method', 'route', 'status'],
    ({ http }) => http.answers,
  ),
  {
    name: 'teahouse_http_request_duration_seconds',
    type: 'histogram',
    labels: [],
    help: 'Seconds to the end of an answer of the HTTP API',
    read: ({ http }) => [{ value: http.seconds }],
  },
  values(
    {
      name: 'teahouse_discovery_candidates',
      type: 'gauge',
      help: 'Nodes that a source told of; one that several told of counts for each',
    },
    'source',
    ({ discovery }) => discovery.candidates,
  ),
  values(
    {
      name: 'teahouse_discovery_dials_total',
      type: 'counter',
      help: 'Dials of candidates: reached, failed, left since they are of no use',
    },
    'result',
    ({ discovery }) => ({ reached: 0, failed: 0, left: 0, ...discovery.dials }),
  ),
  values(
    {
      name: 'teahouse_discovery_source_failures_total',
      type: 'counter',
      help: 'Looks for nodes that failed, by source',
    },
    'source',
    ({ discovery }) => discovery.failures,
  ),
]
