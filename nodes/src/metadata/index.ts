export { metadata, type MetadataDeps } from './metadata.ts'
