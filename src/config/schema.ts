/**
 * The single source of the configuration: types, defaults, validation, help, `docs/reference/configuration.md`, JSON Schema and the
 * environment names all come from this declaration. Units are in the names; every leaf says what it trades.
 */
import { z } from 'zod';
import { INTERACTION_TYPES } from '../events/words.js';
import { retrain, selection } from './learning-schema.js';
import { quality } from './quality-schema.js';
import { transport } from './transport-schema.js';
import { OMITTED_COLUMNS } from './omitted-columns.js';
import { bytes, count, ms } from './units.js';

export { SCORERS, type ScorerName } from './learning-schema.js';

export const WIRE_FORMATS = ['json', 'avro', 'confluent'] as const;
export type WireFormat = (typeof WIRE_FORMATS)[number];

const topics = z.strictObject({
  prefix: z.string().default('sluice.').describe('Prefix of every topic name: `sluice.` gives `sluice.impressions`.'),
  partitions: count
    .max(10_000)
    .default(1)
    .describe('Partition count of the topics that Sluice creates. Impressions and interactions need the same.'),
  create: z.boolean().default(true).describe('Create missing topics at start; off: refuse to start without them.'),
  replicationFactor: z
    .number()
    .int()
    .default(-1)
    .describe('Replication factor of created topics; -1 is the broker default.'),
  names: z
    .record(z.string(), z.string())
    .default({})
    .describe('Full names for single topics by role, e.g. `impressions: search.shown.v2`.'),
});

const wire = z.strictObject({
  inputFormat: z.enum(WIRE_FORMATS).default('json').describe('Format of both input topics.'),
  outputFormat: z.enum(WIRE_FORMATS).default('json').describe('Format of training, audit and late topics.'),
  registryUrl: z
    .string()
    .default('http://127.0.0.1:8081')
    .describe('Confluent-compatible schema registry, for the `confluent` format.'),
  registryAuthEnv: z
    .string()
    .default('SLUICE_REGISTRY_AUTH')
    .describe(
      'Environment variable with `user:password` of the registry; it never stands in the file. Unset: no authentication.',
    ),
  avroSchemas: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Schema files (.avsc) of the input topics as their producers write them, for the `avro` format, e.g. `impressions: shown.avsc`; default: schemas/.',
    ),
  mapping: z
    .string()
    .optional()
    .describe('Field-mapping file (docs/how/mapping.md) to read existing topics without re-encoding them.'),
});

const decode = z.strictObject({
  maxMessageBytes: bytes.default(4_194_304).describe('A larger message becomes a dead letter.'),
});

const clean = z.strictObject({
  timeUnit: z
    .enum(['auto', 'ms', 's', 'us', 'ns'])
    .default('auto')
    .describe('Unit of eventTimeMs as sent; `auto` tells by magnitude.'),
  maxFutureMs: ms
    .default(60_000)
    .describe(
      'Event time may be this far after the message was written; later ones become dead letters. Beyond join.allowedLatenessMs one such event makes everything behind it on its topic late.',
    ),
  oldestEventTimeMs: ms
    .default(946_684_800_000)
    .describe('Earlier event times become dead letters (default: the year 2000).'),
  maxItems: count.default(1_000).describe('Items in a list; a longer list becomes a dead letter.'),
  maxTextLength: count
    .default(10_000)
    .describe('Characters in a text field; an item with a longer one becomes a dead letter.'),
  currency: z.string().default('').describe('Currency that prices are converted to; empty: no conversion.'),
  currencies: z
    .record(z.string(), z.number().positive())
    .default({})
    .describe('Value of one unit of each currency in clean.currency.'),
});

const privacy = z.strictObject({
  keyEnv: z
    .string()
    .default('SLUICE_PSEUDONYM_KEY')
    .describe('Environment variable with the HMAC key (at least 16 bytes); wins over keyFile.'),
  keyFile: z
    .string()
    .default('.sluice/pseudonym.key')
    .describe(
      'File with the HMAC key; created with a random key, mode 0600, where absent. All instances need the same key.',
    ),
});

const encoder = z.strictObject({
  enabled: z.boolean().default(true).describe('Embed texts; off: text columns are missing.'),
  model: z
    .string()
    .default('builtin')
    .describe('ONNX file of a BERT-family encoder; `builtin` is the all-MiniLM-L6-v2 that ships with Sluice.'),
  tokenizer: z.string().default('builtin').describe('Its tokenizer.json.'),
  sha256: z
    .string()
    .default('')
    .describe('Expected SHA-256 of the model file, hex; empty: not checked (the built-in one always is).'),
  pooling: z.enum(['mean', 'cls']).default('mean').describe('How token vectors become one.'),
  prefix: z.string().default('').describe('Put before every text (`query: ` for E5 models).'),
  maxTokens: count.default(128).describe('Texts are cut here.'),
  threads: z.number().int().min(1).max(64).default(2).describe('Encoder worker threads, one session each.'),
  cacheEntries: count.default(50_000).describe('Vectors kept in memory (1.6 kB each).'),
  cachePath: z.string().default('.sluice/vectors').describe('Vectors on disk, so that a restart is warm; empty: none.'),
});

const join = z.strictObject({
  attributionWindowMs: ms
    .min(1)
    .default(1_800_000)
    .describe('How long after an impression an interaction still counts for it (event time).'),
  allowedLatenessMs: ms
    .default(60_000)
    .describe('Disorder to wait for: the watermark stays this far behind the newest event.'),
  idleTimeoutMs: ms
    .default(30_000)
    .describe('A partition without input for this long moves its watermark with the wall clock.'),
  maxReorderBytes: bytes
    .default(67_108_864)
    .describe(
      'Bytes of messages per partition that wait for their turn; the topic that is ahead is not read beyond it, unless more lies within the allowed lateness.',
    ),
  maxOpenImpressions: count
    .default(2_000_000)
    .describe(
      'Open impressions per partition (about 0.5 kB each; one with longer ids, categories or attributes counts for more). At most as many closed ones are remembered.',
    ),
  overflow: z
    .enum(['close-oldest', 'stop'])
    .default('close-oldest')
    .describe('At the cap: close the oldest early (counted), or stop reading with an error.'),
  maxPendingInteractions: count
    .default(200_000)
    .describe(
      'Interactions per partition that wait for their impression (1 kB each at most; one with longer ids counts for more); the oldest beyond it count as unmatched.',
    ),
  lateRetentionMs: ms
    .default(600_000)
    .describe(
      'How long after the close an impression is remembered, so that a late interaction can say what it would have changed.',
    ),
  deduplicationWindowMs: ms.default(3_600_000).describe('Event time within which a repeated id is a duplicate.'),
  maxDeduplicationEntries: count
    .default(5_000_000)
    .describe('Ids remembered per partition and kind; beyond it the window shortens.'),
});

const label = z.strictObject({
  goal: z.enum(INTERACTION_TYPES).default('CLICK').describe('Label is 1 when the outcome is at least this strong.'),
});

const features = z.strictObject({
  shortHalfLifeMs: ms.min(1).default(3_600_000).describe('Half-life of the fast click-through counters.'),
  longHalfLifeMs: ms.min(1).default(86_400_000).describe('Half-life of the slow click-through counters.'),
  smoothing: z
    .number()
    .positive()
    .default(20)
    .describe('Pseudo-impressions at the prior rate behind every click-through rate.'),
  contextFields: z
    .array(z.string())
    .max(8)
    .default([])
    .describe('Context fields that become hashed columns, in this order.'),
  omit: z
    .array(z.string())
    .default([...OMITTED_COLUMNS])
    .describe(
      'Columns left out of the rows: fewer noisy ones help small samples most. `[]` gives every column that `sluice describe features` could name.',
    ),
  deviceField: z.string().default('device').describe('Context field that holds the device.'),
  maxCounterEntries: count
    .default(1_000_000)
    .describe(
      'Entries per counter table and partition (item, query, item in query, …); the longest untouched go first.',
    ),
  maxSessions: count.default(500_000).describe('Sessions remembered per partition; the longest untouched go first.'),
  maxInterestVectors: count
    .default(20_000)
    .describe('Session interest vectors remembered per partition (1.6 kB each).'),
});

const output = z.strictObject({
  embeddings: z.boolean().default(false).describe('Put the text vectors on every sample (3 kB each).'),
});

const state = z.strictObject({
  checkpointEveryMs: ms
    .default(60_000)
    .describe('A checkpoint this often: shorter means less to re-read after a crash.'),
  checkpointEveryBytes: bytes.default(268_435_456).describe('…or after this much input.'),
});

const batch = z.strictObject({
  maxBytes: bytes.default(1_048_576).describe('Input bytes a unit of work; larger is faster, smaller is sooner.'),
  lingerMs: ms.default(100).describe('Longest wait for a first record before a partition looks at its clocks.'),
});

const http = z.strictObject({
  enabled: z.enum(['auto', 'on', 'off']).default('auto').describe('`auto`: on, except under --until-end.'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address of /metrics, /live and /ready; loopback unless you say otherwise.'),
  port: z.number().int().min(0).max(65_535).default(9464).describe('Port; 0 picks a free one.'),
});

const log = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least severe level written.'),
  format: z.enum(['json', 'pretty']).default('json').describe('Log lines on stderr.'),
});

const drain = z.strictObject({
  timeoutMs: ms
    .default(30_000)
    .describe('After SIGTERM: how long batches may take to finish before the process leaves anyway (nothing is lost).'),
});

export const configSchema = z.strictObject({
  application: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,200}$/)
    .default('sluice')
    .describe('Names the consumer group, the transactions and the stored state.'),
  topics: topics.prefault({}),
  transport: transport.prefault({}),
  wire: wire.prefault({}),
  batch: batch.prefault({}),
  decode: decode.prefault({}),
  clean: clean.prefault({}),
  privacy: privacy.prefault({}),
  encoder: encoder.prefault({}),
  join: join.prefault({}),
  label: label.prefault({}),
  features: features.prefault({}),
  quality: quality.prefault({}),
  selection: selection.prefault({}),
  retrain: retrain.prefault({}),
  output: output.prefault({}),
  state: state.prefault({}),
  http: http.prefault({}),
  log: log.prefault({}),
  drain: drain.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
