/**
 * Lint rules. Beyond the strict presets, one rule is the project's own: a node program takes its clock,
 * timers, randomness, network and disk from what it is given, never from the process, because only then
 * does the same file run in a container, as a process and in the simulator.
 */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ambient = (name, instead) => ({
  name,
  message: `Node programs use ${instead}: see harness/node/program.ts.`,
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'store/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', '.dependency-cruiser.cjs'] },
      },
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'writable' },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['targets/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ambient('setTimeout', 'node.timers'),
        ambient('setInterval', 'node.timers'),
        ambient('setImmediate', 'node.timers'),
        ambient('performance', 'node.clock'),
        ambient('process', 'node.options'),
        ambient('fetch', 'node.network or the client context'),
        ambient('crypto', 'node.random'),
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'Node programs use node.clock: see harness/node/program.ts.',
        },
        {
          object: 'Math',
          property: 'random',
          message: 'Node programs use node.random: see harness/node/program.ts.',
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Node programs use node.clock.',
        },
      ],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'Targets use what harness/node gives them.' }] },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  { files: ['**/*.js', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
);
