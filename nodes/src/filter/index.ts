export { filter, FilterConfig, type Filter, type FilterDeps } from './filter.ts'
