// Who may import whom (docs/architecture.md): a rank imports strictly lower ranks, through a package's exports.
//   rank 1 protocol · rank 2 nodes, client (they know nothing of each other) · rank 3 cli
// scripts and test may import anything; nothing imports them.

const TEST = '\\.test\\.ts$|/testing/'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { pathNot: '/fixture/' },
      to: { couldNotResolve: true, pathNot: '^@waku/' },
    },
    {
      name: 'protocol-imports-no-other-package',
      severity: 'error',
      from: { path: '^protocol/' },
      to: { path: '^(nodes|client|cli|app)/' },
    },
    {
      name: 'nodes-import-only-protocol',
      severity: 'error',
      from: { path: '^nodes/' },
      to: { path: '^(client|cli|app)/' },
    },
    {
      name: 'client-imports-only-protocol',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(nodes|cli|app)/' },
    },
    { name: 'cli-imports-no-app', severity: 'error', from: { path: '^cli/' }, to: { path: '^app/' } },
    {
      name: 'nothing-imports-scripts-or-test',
      comment: 'cli/bin only starts scripts/bootstrap.mjs, which is not a module of the command',
      severity: 'error',
      from: { path: '^(protocol|nodes|client|cli)/(src|bin)/', pathNot: '^cli/bin/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'scripts-import-no-test',
      severity: 'error',
      from: { path: '^scripts/' },
      to: { path: '^test/' },
    },
    {
      name: 'packages-meet-through-exports',
      comment: 'import @teahouse/…, not a relative path into another package',
      severity: 'error',
      from: { path: '^(protocol|nodes|client|cli)/' },
      to: { path: '^(protocol|nodes|client|cli)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'protocol-does-no-io',
      comment: 'protocol runs in browsers: storage and network are given to it',
      severity: 'error',
      from: { path: '^protocol/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-core-is-browser-safe',
      comment: 'only client/src/node may use Node',
      severity: 'error',
      from: { path: '^client/src/', pathNot: `^client/src/node/|${TEST}` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-core-imports-no-node-part',
      severity: 'error',
      from: { path: '^client/src/', pathNot: `^client/src/node/|${TEST}` },
      to: { path: '^client/src/node/' },
    },
    {
      name: 'no-gpl-in-what-we-ship',
      comment: 'docs/adr/0003-licences.md: snarkjs, circomlib and libsignal are tools here',
      severity: 'error',
      from: { path: '^(protocol|nodes|client|cli)/src/', pathNot: TEST },
      to: { path: 'node_modules/(snarkjs|circomlib|circomlibjs|ffjavascript|circom2|@privacyresearch)/' },
    },
    {
      name: 'shipped-code-imports-shipped-packages',
      severity: 'error',
      from: { path: '^(protocol|nodes|client|cli)/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/fixture/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
