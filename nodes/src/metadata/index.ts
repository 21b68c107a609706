export { metadata, MetadataConfig, type MetadataDeps } from './metadata.ts'
