import { CliError } from '../errors.ts'
import type { OpenedFolder } from './folder.ts'

/** The id on chain of the folder's operator. Throws CliError NO_OPERATOR. */
export function requireOperator({ config, folder }: OpenedFolder): number {
  if (config.operatorId !== 0) return config.operatorId
  const { path } = folder
  throw new CliError(`There is no operator for ${path} yet`, { code: 'NO_OPERATOR', path })
}
