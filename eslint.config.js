import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Time and chance are arguments: only the system adapter reads the clock, sets timers or draws numbers. */
const TIME_AND_CHANCE = [
  { object: 'Date', property: 'now', message: 'Take a Clock (src/ports/clock.ts).' },
  { object: 'performance', property: 'now', message: 'Take a Clock (src/ports/clock.ts).' },
  { object: 'Math', property: 'random', message: 'Take a Random (src/ports/random.ts).' },
];
const TIMERS = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'Take a Clock (src/ports/clock.ts): timers live in src/adapters/system/.',
}));
/** What this Node has, asked of it rather than listed. */
const NODE_GLOBALS = Object.fromEntries(
  [...Object.getOwnPropertyNames(globalThis), 'module', 'require'].map((name) => [name, 'readonly']),
);

const TIMER_MODULES = ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'];

/** For whatever is type-checked. */
const TYPED_RULES = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  // noUncheckedIndexedAccess makes `!` the way to say "the loop bound proves it".
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/no-empty-function': 'off',
  // `void` as a return type in a union says "may return nothing", which is what listeners do.
  '@typescript-eslint/no-invalid-void-type': 'off',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  '@typescript-eslint/no-dynamic-delete': 'off',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'models/', 'coverage/', '**/.venv/', 'docker/', '**/*.as.ts'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', '*.config.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: TYPED_RULES,
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error',
      'no-restricted-properties': ['error', ...TIME_AND_CHANCE],
      'no-restricted-globals': ['error', ...TIMERS],
      'no-restricted-imports': ['error', { paths: TIMER_MODULES.map((name) => ({ name, message: 'Take a Clock.' })) }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Take a Clock: new Date() reads the wall clock.',
        },
      ],
    },
  },
  {
    // One table, read as one page; a test holds it against the docs both ways.
    files: ['src/error-table.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // The one place of time and chance, and the two where a library leaves no choice.
    files: ['src/adapters/system/**/*.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    files: ['src/adapters/kafka/**/*.ts', 'src/adapters/threads/**/*.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-imports': 'off' },
  },
  {
    // The console runs in a browser: its own types, its own clock.
    files: ['console/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './console/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: { ...TYPED_RULES, 'max-lines': ['error', { max: 300 }], 'no-console': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='only'][object.name=/^(test|it|describe)$/]",
          message: 'A lone test hides the others.',
        },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: { ...NODE_GLOBALS, document: 'readonly', window: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
