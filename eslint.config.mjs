// Lint rules: typescript-eslint with types, plus the house's own (docs/adr/0001-house.md, CONTRIBUTING.md).
import tseslint from 'typescript-eslint'

/** What people install: held to more than scripts and tests are. */
const SHIPPED = ['protocol/src/**/*.ts', 'nodes/src/**/*.ts', 'client/src/**/*.ts', 'cli/src/**/*.ts']
const TESTS = ['**/*.test.ts', 'test/**/*.ts', '**/testing/**/*.ts']
/** Runs in browsers as well as in Node. */
const BROWSER_SAFE = ['protocol/src/**/*.ts', 'client/src/**/*.ts']

const PLAIN_ERROR = {
  selector: "NewExpression[callee.name='Error']",
  message: 'Throw a typed error with a code (TeahouseError of @teahouse/protocol/errors), not a plain Error.',
}
const DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' }

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '.teahouse/**',
      '**/generated/**',
      'artifacts-hardhat/**',
      'cache/**',
      'protocol/assembly/**', // AssemblyScript
      'test/integration/nodes/js-waku/fixture/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, arguments: false } },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/only-throw-error': [
        'error',
        { allow: [{ from: 'file', name: 'Refusal', path: 'nodes/src/rln/checks.ts' }] }, // ends a validation early
      ],
      '@typescript-eslint/unbound-method': 'off', // services are records of functions, made to be taken apart
      '@typescript-eslint/require-await': 'off', // an async function may satisfy an interface without waiting
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allow: [{ name: ['bigint'], from: 'lib' }] },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
    },
  },
  {
    files: SHIPPED,
    ignores: TESTS,
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', PLAIN_ERROR, DEFAULT_EXPORT],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: BROWSER_SAFE,
    ignores: [...TESTS, 'client/src/node/**'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'global', '__dirname', '__filename', 'require'],
    },
  },
  {
    files: TESTS,
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any() and parsed JSON
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['test/contracts/**/*.ts', 'examples/*/test.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' }, // node:test's describe and it return promises
  },
)
