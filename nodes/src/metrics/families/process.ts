import { PROBLEMS } from '../../http/info.ts'
import { PROFILES } from '../../profile/profiles.ts'
import { states, value, type Metric } from '../metric.ts'

/** The node as a whole: what it is, how it is, and what it takes of the machine. Names of a process are those that Prometheus' clients agree on. */
export const PROCESS: readonly Metric[] = [
  {
    name: 'teahouse_build_info',
    type: 'gauge',
    labels: ['version'],
    help: 'Always 1; the label says the version',
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  states(
    { name: 'teahouse_profile', help: 'Which profile the node runs as' },
    'profile',
    PROFILES,
    ({ profile }) => [profile],
  ),
  states(
    { name: 'teahouse_health', help: 'How the node is: ok, degraded or down' },
    'status',
    ['ok', 'degraded', 'down'],
    ({ health }) => [health.status],
  ),
  states(
    { name: 'teahouse_health_problem', help: 'What is wrong, by the codes of /health' },
    'problem',
    PROBLEMS,
    ({ health }) => health.problems,
  ),
  value(
    { name: 'teahouse_disk_used_bytes', type: 'gauge', help: 'Bytes of the data folder' },
    ({ budgets }) => budgets.disk.used,
  ),
  value(
    {
      name: 'teahouse_disk_free_bytes',
      type: 'gauge',
      help: 'Bytes free on the file system of the data folder',
    },
    ({ budgets }) => budgets.disk.free,
  ),
  value(
    {
      name: 'teahouse_disk_limit_bytes',
      type: 'gauge',
      help: 'Bytes that the data folder may take; absent without a limit',
    },
    ({ budgets }) => budgets.disk.limit ?? undefined,
  ),
  value(
    {
      name: 'teahouse_disk_refused_messages_total',
      type: 'counter',
      help: 'Messages refused for lack of room on the disk',
    },
    ({ budgets }) => budgets.disk.refused,
  ),
  value(
    { name: 'process_start_time_seconds', type: 'gauge', help: 'When the process started' },
    ({ process }) => process.startedAt,
  ),
  value(
    { name: 'process_cpu_seconds_total', type: 'counter', help: 'Seconds of cores that the process took' },
    ({ process }) => process.cpuSeconds,
  ),
  value(
    { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Memory of the process, threads included' },
    ({ process }) => process.residentBytes,
  ),
  value(
    { name: 'nodejs_heap_size_used_bytes', type: 'gauge', help: "Used bytes of the main thread's heap" },
    ({ process }) => process.heapBytes,
  ),
  value(
    { name: 'nodejs_external_memory_bytes', type: 'gauge', help: 'Memory of buffers outside the heap' },
    ({ process }) => process.externalBytes,
  ),
  value(
    {
      name: 'process_open_fds',
      type: 'gauge',
      help: 'Open file descriptors; absent where the system does not tell',
    },
    ({ process }) => process.openFiles,
  ),
  value(
    {
      name: 'nodejs_eventloop_active_seconds_total',
      type: 'counter',
      help: 'Seconds in which the event loop had work to do',
    },
    ({ process }) => process.loopActiveSeconds,
  ),
  {
    name: 'nodejs_eventloop_delay_seconds',
    type: 'gauge',
    labels: ['quantile'],
    help: 'By how much the event loop was late since the last scrape; from the second scrape on',
    read: ({ process }) =>
      [...process.loopDelay].map(([quantile, seconds]) => ({
        labels: { quantile: String(quantile) },
        value: seconds,
      })),
  },
]
