import { readFile } from 'node:fs/promises'
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { z } from 'zod'
import type { DeploymentRecord } from '@teahouse/protocol/chain/deployments'

/** Id of a state variable in the compiler's syntax tree → its name. */
export type ImmutableNames = (id: string) => string | undefined

const Node = z.object({ id: z.int(), nodeType: z.string(), name: z.string().optional() })
const Output = z.object({
  output: z.object({
    sources: z.record(
      z.string(),
      z.object({
        ast: z.object({ nodes: z.array(z.object({ nodes: z.array(z.unknown()).default([]) })) }),
      }),
    ),
  }),
})

/** Names of the immutables of a deployment's contracts; the compiler's output tells only their ids in its code. */
export async function immutableNames(
  hre: HardhatRuntimeEnvironment,
  record: DeploymentRecord,
): Promise<ImmutableNames> {
  const sources = Object.values(record.contracts).map(({ source }) => source)
  const builds = new Set(await Promise.all(sources.map((source) => hre.artifacts.getBuildInfoId(source))))
  const names = new Map<string, string>()
  for (const id of builds) {
    const path = id && (await hre.artifacts.getBuildInfoOutputPath(id))
    if (path) for (const [key, name] of await variablesIn(path)) names.set(key, name)
  }
  return (id) => names.get(id)
}

async function variablesIn(path: string): Promise<[string, string][]> {
  const { output } = Output.parse(JSON.parse(await readFile(path, 'utf8')))
  const members = Object.values(output.sources).flatMap(({ ast }) => ast.nodes.flatMap(({ nodes }) => nodes))
  return members.flatMap((member) => {
    const { data } = Node.safeParse(member)
    return data?.nodeType === 'VariableDeclaration' ? [[String(data.id), data.name ?? '']] : []
  })
}
