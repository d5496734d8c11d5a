/**
 * The import rules, as data: which folder may import which, and from where each library is imported. Imports point one
 * way, `cli → lab → app → everything`; the pipeline and the learner know only words, ports and errors.
 */

/** Tables whose rows are options: the config takes their names, settings and texts from them. */
const OPTION_TABLES = ['pipeline/score', 'learn/learners'];

/** Folder → folders it may import besides itself. `config` of a core folder means its types alone. */
const MAY_IMPORT = {
  conduct: [],
  events: ['conduct'],
  bundle: [],
  'transport-errors': [],
  'message-errors': [],
  'learning-errors': [],
  'error-table': ['transport-errors', 'message-errors', 'learning-errors', 'conduct'],
  errors: ['error-table'],
  ports: ['events', 'errors', 'bundle'],
  config: ['conduct', 'events', 'ports', 'errors', 'adapters/yaml', 'adapters/own-code', ...OPTION_TABLES],
  observe: ['conduct', 'events', 'ports', 'errors'],
  stream: ['events', 'ports', 'errors'],
  snapshot: ['events', 'ports', 'errors', 'config', 'stream'],
  pipeline: ['conduct', 'events', 'ports', 'errors', 'config', 'stream', 'bundle'],
  learn: ['events', 'ports', 'errors', 'config', 'snapshot', 'stream', 'bundle'],
  adapters: ['events', 'ports', 'errors', 'config', 'snapshot', 'observe'],
  'lab/simulate': [
    'events',
    'ports',
    'errors',
    'config',
    'adapters/event-files',
    'adapters/csv',
    'adapters/system',
    'adapters/xxhash',
  ],
  import: [
    'events',
    'ports',
    'errors',
    'config',
    'adapters/event-files',
    'adapters/csv',
    'adapters/packed',
    'adapters/parquet',
    'adapters/yaml',
  ],
  // Plugins: what they may declare, and how it becomes parts of ours.
  own: ['events', 'ports', 'errors', 'config', 'pipeline', 'learn', 'adapters/own-code', 'adapters/system'],
  // What the package gives to programs of others.
  client: ['errors', 'adapters/csv', 'adapters/parquet'],
  // What the server answers and the page reads: types.
  console: ['events', 'learn', 'snapshot'],
};

/** Core folders that may use the types of the config but none of its code. */
const CONFIG_TYPES_ONLY = ['pipeline', 'learn', 'snapshot', 'stream'];

/** Library → the only place it is imported from. A library that is not here is imported nowhere. */
const LIBRARIES = {
  '@bokuweb/zstd-wasm': 'src/adapters/compression/',
  '@huggingface/tokenizers': 'src/adapters/onnx/',
  avsc: 'src/adapters/avro/',
  'cli-progress': 'src/cli/',
  commander: 'src/cli/',
  'apache-arrow': 'src/adapters/arrow/',
  'csv-parse': 'src/adapters/csv/',
  fastify: 'src/adapters/http/',
  fzstd: 'src/adapters/compression/',
  hyparquet: 'src/adapters/parquet/',
  'hyparquet-writer': 'src/adapters/parquet/',
  hysnappy: 'src/adapters/compression/',
  kafkajs: 'src/adapters/kafka/',
  lmdb: 'src/adapters/lmdb/',
  'lru-cache': 'src/adapters/lru/',
  'ml-random-forest': 'src/adapters/forest/',
  'onnxruntime-node': 'src/adapters/onnx/',
  pino: 'src/adapters/pino/',
  'prom-client': 'src/adapters/prometheus/',
  protobufjs: 'src/adapters/protobuf/',
  rxjs: 'src/(pipeline|stream|snapshot|learn|app)/',
  'xxhash-wasm': 'src/adapters/xxhash/',
  yaml: 'src/adapters/yaml/',
  zod: 'src/(config|import)/',
};

/** Adapter → other adapters it may import. Without an entry: none. */
const ADAPTER_MAY_IMPORT = {
  avro: ['protobuf', 'registry'],
  csv: ['packed'],
  'event-files': ['packed'],
  forest: ['threads'],
  http: ['credentials'],
  kafka: ['compression', 'credentials'],
  lmdb: ['local'],
  memory: ['local'],
  onnx: ['credentials', 'threads'],
  packed: ['compression'],
  parquet: ['compression'],
  registry: ['credentials'],
};

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const FILES = ['errors', 'error-table', 'transport-errors', 'message-errors', 'learning-errors'];
/** `events` is the folder src/events/, `errors` the file src/errors.ts. */
const place = (name) => (FILES.includes(name) ? `src/${name}\\.ts$` : `src/${escape(name)}/`);

const folderRules = Object.entries(MAY_IMPORT).map(([folder, others]) => ({
  name: `${folder}-imports-only-what-it-may`,
  severity: 'error',
  comment: `${folder} may import: itself${others.map((other) => `, ${other}`).join('')}`,
  from: { path: `^${place(folder)}` },
  to: { path: '^src/', pathNot: [folder, ...others].map((name) => `^${place(name)}`) },
}));

const configRules = CONFIG_TYPES_ONLY.map((folder) => ({
  name: `${folder}-takes-only-types-from-config`,
  severity: 'error',
  from: { path: `^${place(folder)}` },
  to: { path: '^src/config/', dependencyTypesNot: ['type-only'] },
}));

const adapterRule = {
  name: 'adapters-do-not-know-each-other',
  severity: 'error',
  from: {
    path: '^src/adapters/([^/]+)/',
    pathNot: Object.keys(ADAPTER_MAY_IMPORT).map((name) => `^src/adapters/${name}/`),
  },
  to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
};
const adapterRules = Object.entries(ADAPTER_MAY_IMPORT).map(([name, others]) => ({
  name: `${name}-imports-only-the-adapters-it-may`,
  severity: 'error',
  from: { path: `^src/adapters/${name}/` },
  to: { path: '^src/adapters/', pathNot: [name, ...others].map((other) => `^src/adapters/${other}/`) },
}));

const libraryRules = Object.entries(LIBRARIES).map(([library, folder]) => ({
  name: `${library}-from-one-place`,
  severity: 'error',
  comment: `${library} is imported from ${folder} alone`,
  from: { path: '^src/', pathNot: `^${folder}` },
  to: { path: `^node_modules/${escape(library)}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    ...configRules,
    adapterRule,
    ...adapterRules,
    ...libraryRules,
    {
      name: 'every-library-has-its-place',
      severity: 'error',
      comment: 'A library that the table above does not name. Add it there, with the one folder that imports it.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: Object.keys(LIBRARIES).map((library) => `^node_modules/${escape(library)}/`),
      },
    },
    {
      name: 'nobody-imports-the-command-line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts$)' },
      to: { path: '^src/(cli/|main\\.ts$)' },
    },
    {
      name: 'only-the-laboratory-and-the-command-line-import-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app/|lab/|cli/|api/|main\\.ts$)' },
      to: { path: '^src/app/' },
    },
    {
      name: 'only-the-command-line-and-the-api-import-the-laboratory',
      severity: 'error',
      comment: 'Nothing that runs in production rests on chaos, bench, evaluate, demo or the simulator.',
      from: { path: '^src/', pathNot: '^src/(lab/|cli/|api/|main\\.ts$)' },
      to: { path: '^src/lab/' },
    },
    {
      name: 'nobody-imports-the-api',
      severity: 'error',
      comment: 'It is what plugins and tests of others import.',
      from: { path: '^src/', pathNot: '^src/api/' },
      to: { path: '^src/api/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-missing-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nothing imports and that is no entry (main, worker, WebAssembly) is dead.',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$', '\\.as\\.ts$', 'worker[^/]*\\.ts$', '^src/main\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
