import {
  DEPLOYMENTS,
  type Deployment,
  deploymentOf,
  DeploymentRecord,
  presentDeployment,
} from '@teahouse/protocol/chain/deployments'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHex, type LocalAccount, size } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { CliError, usage } from './errors.ts'
import type { Session } from './session.ts'
import { say } from './texts/say.ts'

/** How a command line names a deployment and the way to it. */
export interface DeploymentOptions {
  readonly deployment?: string
  readonly file?: string
  /** An endpoint; anything but text names none. */
  readonly rpc?: string | boolean
}

/**
 * The deployment that is meant, and an endpoint of its chain: the one in a file, one that this release knows, or the one
 * of the network description. Throws CliError UNKNOWN_DEPLOYMENT, BAD_DEPLOYMENT_FILE, NO_NETWORK, USAGE.
 */
export async function findDeployment(
  session: Session,
  { deployment: id, file, rpc: given }: DeploymentOptions,
): Promise<{ deployment: Deployment; rpcUrl: string }> {
  const { cwd } = session.world
  const rpc = typeof given === 'string' ? given : undefined
  const named = file === undefined ? undefined : await readDeployment(resolve(cwd, file))
  if (named && id !== undefined && named.id !== id) throw unknown(id, [named.id])
  const released = DEPLOYMENTS.find((record) => record.id === id)
  const known = named ?? (released && deploymentOf(released))
  if (known && rpc !== undefined) return { deployment: known, rpcUrl: rpc }

  const network = await session.network().catch((error: unknown) => {
    if (!known) throw id === undefined ? error : unknown(id, knownIds())
  })
  if (known) {
    if (network?.chainId === known.chainId)
      return { deployment: known, rpcUrl: endpointOf(network.rpcUrl, known.id) }
    throw usage(
      say`Deployment ${known.id} is on chain ${known.chainId}`,
      say`Name an endpoint of it: --rpc URL`,
    )
  }
  const present = presentDeployment(network!)
  if (id !== undefined && present.id !== id) throw unknown(id, [...knownIds(), present.id])
  return { deployment: present, rpcUrl: endpointOf(rpc ?? network!.rpcUrl, present.id) }
}

function endpointOf(rpcUrl: string | undefined, deployment: string): string {
  if (rpcUrl !== undefined) return rpcUrl
  throw usage(say`No endpoint of the chain of deployment ${deployment} is known`, say`Name one: --rpc URL`)
}

const knownIds = (): string[] => DEPLOYMENTS.map(({ id }) => id)

function unknown(id: string, known: readonly string[]): CliError {
  const list = known.length > 0 ? `; known: ${known.join(', ')}` : ''
  return new CliError(`There is no deployment ${id}${list}`, { code: 'UNKNOWN_DEPLOYMENT', id, known })
}

async function readDeployment(path: string): Promise<Deployment> {
  try {
    return deploymentOf(DeploymentRecord.parse(JSON.parse(await readFile(path, 'utf8'))))
  } catch (cause) {
    const message = `${path} is not the record of a deployment`
    throw new CliError(message, { code: 'BAD_DEPLOYMENT_FILE', path }, { cause })
  }
}

/** The account of a private key in a file, such as an operator's owner.key. Throws CliError BAD_KEY_FILE. */
export async function accountFromKeyFile(path: string): Promise<LocalAccount> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const key = text.trim()
  // The reason is left out: it may quote the key.
  if (!isHex(key) || size(key) !== 32)
    throw new CliError(`${path} holds no private key`, { code: 'BAD_KEY_FILE', path })
  return privateKeyToAccount(key)
}
