export { writeMetrics } from './catalogue.ts'
export { EXPOSITION_TYPE } from './exposition.ts'
export { processReader } from './process.ts'
export type { Readings } from './readings.ts'
