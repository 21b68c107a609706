export { askCluster, type OwnCluster } from './ask-cluster.ts'
export { metadata, type MetadataDeps } from './metadata.ts'
