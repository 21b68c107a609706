import type { Manifest, Workspace } from './workspaces.ts'

/** Nodes stand on node:sqlite as Node 24 has it; the rest on Promise.withResolvers. */
const ENGINES: Readonly<Record<Workspace, string>> = {
  protocol: '>=22',
  client: '>=22',
  nodes: '>=24',
  cli: '>=24',
}

/** The package.json of a workspace as it is published: what was built in place of what is written, and nothing that only tests need. */
export function publishedManifest(workspace: Workspace, manifest: Manifest): Record<string, unknown> {
  const { devDependencies: _, exports, ...rest } = manifest
  return {
    ...rest,
    engines: { node: ENGINES[workspace] },
    exports: Object.fromEntries(
      Object.entries(exports).map(([path, source]) => {
        const built = source.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1')
        return [path, { types: `${built}.d.ts`, default: `${built}.js` }]
      }),
    ),
  }
}

/** Starts the command: what is published needs no checkout, and says so when Node is too old for it. */
export const BIN = `#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=8
const [major] = process.versions.node.split('.')
if (Number(major) < 24) {
  process.stderr.write(
    \`teahouse: Node 24 or newer is needed; this is \${process.version}. With it for this once: npx --package=node@24 --package=teahouse -- teahouse …\\n\`,
  )
  process.exit(1)
}
await import('../dist/main.js')
`
