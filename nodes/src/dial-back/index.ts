export { askDialBack, type DialledBack, type Reached } from './ask.ts'
export { dialBack, type DialBackDeps } from './service.ts'
