/**
 * The single source of the configuration: types, defaults, validation, help, `docs/reference/configuration.md`, JSON Schema and the
 * environment names all come from this declaration. Units are in the names; every leaf says what it trades.
 */
import { z } from 'zod';
import { EXAMINED } from '../events/examination.js';
import { INTERACTION_TYPES, SURFACES } from '../events/words.js';
import { batch, drain, http, log, output, plugins, run, serving, state } from './process-schema.js';
import { retrain, selection } from './learning-schema.js';
import { features } from './features-schema.js';
import { privacy } from './privacy-schema.js';
import { quality } from './quality-schema.js';
import { tables } from './tables-schema.js';
import { transport } from './transport-schema.js';
import { telemetry } from './telemetry-schema.js';
import { bytes, count, environmentVariable, ms } from './units.js';
import { decode, wire } from './wire-schema.js';

export type { RegistrySchemas, SubjectNames, WireFormat } from './wire-schema.js';

const topics = z.strictObject({
  prefix: z.string().default('sluice.').describe('Prefix of every topic name: `sluice.` gives `sluice.impressions`.'),
  partitions: count
    .max(10_000)
    .default(1)
    .describe('Partition count of the topics that Sluice creates. Impressions and interactions need the same count.'),
  create: z.boolean().default(true).describe('Create missing topics at start; off: refuse to start without them.'),
  replicationFactor: z
    .number()
    .int()
    .default(-1)
    .describe('Replication factor of created topics; -1 is the broker default.'),
  names: z
    .record(z.string(), z.union([z.string(), z.array(z.string().min(1)).min(1)]))
    .default({})
    .describe(
      'Full names of single topics, by role, in place of the prefixed one, e.g. `impressions: search.shown.v2`. An input may have several, a list or comma-separated, `impressions: [search.shown, feed.shown]`, with transport.repartition = session.',
    ),
});

const clean = z.strictObject({
  timeUnit: z
    .enum(['auto', 'ms', 's', 'us', 'ns'])
    .default('auto')
    .describe('Unit in which producers send eventTimeMs; `auto` recognises it by the size of the number.'),
  maxFutureMs: ms
    .default(60_000)
    .describe(
      'How far an event time may lie after the time at which its message was written; an event further ahead becomes a dead letter. Keep it at or below join.allowedLatenessMs: an event that is ahead by more makes what follows it on its topic late.',
    ),
  oldestEventTimeMs: ms
    .default(946_684_800_000)
    .describe(
      'Earliest event time, in epoch milliseconds; an earlier event becomes a dead letter (default: the year 2000).',
    ),
  maxItems: count.default(1_000).describe('Maximum items in one impression list; a longer list becomes a dead letter.'),
  maxTextLength: count
    .default(10_000)
    .describe('Maximum characters in a text field; an item with a longer text becomes a dead letter.'),
  currency: z.string().default('').describe('Currency that all prices are converted to; empty: no conversion.'),
  currencies: z
    .record(z.string(), z.number().positive())
    .default({})
    .describe('What one unit of each currency is worth in clean.currency, e.g. `USD: 0.92` with `currency: EUR`.'),
});

const encoder = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Turn titles and queries into vectors and compare them. Off: the text-similarity columns are missing values.',
    ),
  kind: z
    .enum(['onnx', 'http'])
    .default('onnx')
    .describe('What embeds: `onnx`, a model in this process (encoder.model), or `http`, a server (encoder.server).'),
  server: z
    .strictObject({
      url: z
        .string()
        .refine((url) => !/\/\/[^/]*@/.test(url), {
          message:
            'expected an address without user and password: a token belongs in the variable of encoder.server.tokenEnv',
        })
        .default('http://127.0.0.1:8080')
        .describe('Address of the server of encoder.kind = http, without the path of its API.'),
      api: z
        .enum(['tei', 'openai'])
        .default('tei')
        .describe(
          'How it is asked: `tei` (text-embeddings-inference, POST /embed) or `openai` (POST /v1/embeddings, which many servers speak).',
        ),
      model: z
        .string()
        .default('')
        .describe(
          'Name of its model, sent with `openai`. It is part of the identity of vectors: change it whenever the server changes its model.',
        ),
      tokenEnv: environmentVariable
        .optional()
        .describe('Environment variable with a bearer token for it; absent: none.'),
      batchTexts: z
        .int()
        .min(1)
        .max(1_024)
        .default(32)
        .describe('Maximum texts of a request; encoder.threads requests run at a time.'),
      timeoutMs: ms
        .min(1)
        .default(10_000)
        .describe('How long an answer may take; then it is asked again, for as long as it takes.'),
    })
    .prefault({}),
  model: z
    .string()
    .default('builtin')
    .describe(
      'Text encoder: `builtin-en` (all-MiniLM-L6-v2), `builtin-zh` (bge-small-zh-v1.5), or the ONNX file of a BERT-family encoder. `builtin`: one of the first two, chosen once by the first texts and kept with the state.',
    ),
  tokenizer: z
    .string()
    .default('builtin')
    .describe('tokenizer.json file that belongs to encoder.model; `builtin`: the one of the built-in encoder.'),
  device: z
    .enum(['cpu', 'webgpu'])
    .default('cpu')
    .describe(
      'Where the network runs: `cpu`, or `webgpu`, a graphics card through Vulkan (float32 or float16 model file). Vectors of the two are never mixed.',
    ),
  sha256: z
    .string()
    .default('')
    .describe('Expected SHA-256 of the model file, hex; empty: not checked (the built-in one always is).'),
  pooling: z
    .enum(['own', 'mean', 'cls'])
    .default('own')
    .describe(
      'How the vectors of the tokens become one: their `mean`, or the vector of the first token (`cls`). `own`: as a built-in encoder was trained; for a file, `mean`.',
    ),
  textForm: z
    .enum(['own', 'as-is', 'nfkc'])
    .default('own')
    .describe(
      'Form of the texts before the tokenizer: `as-is`, or `nfkc`, which makes full-width letters, half-width kana and the like ordinary ones. `own`: `nfkc` for `builtin-zh`, else `as-is`.',
    ),
  prefix: z.string().default('').describe('Text put before every text that is embedded (`query: ` for E5 models).'),
  maxTokens: count.default(128).describe('Maximum tokens of a text; the rest is cut off.'),
  threads: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Worker threads that embed texts; with encoder.device = webgpu they only cut them into tokens.'),
  cacheEntries: count
    .default(50_000)
    .describe('Vectors kept in memory (1.6 kB each with `builtin-en`, 2.1 kB with `builtin-zh`).'),
  cachePath: z
    .string()
    .default('.sluice/vectors')
    .describe('Folder of vectors on disk, so that a restart does not embed known texts again; empty: no such folder.'),
});

const join = z.strictObject({
  attributionWindowMs: ms
    .min(1)
    .default(1_800_000)
    .describe('How long after an impression an interaction still counts for it (event time).'),
  surfaceWindowsMs: z
    .partialRecord(z.enum(SURFACES), ms.min(1))
    .default({})
    .describe(
      'Attribution windows of single surfaces, e.g. `AD: 604800000` (7 days); the others have join.attributionWindowMs. A longer one holds back no other. A surface that gets or loses its own keeps, for what is open, the kind it was opened under.',
    ),
  allowedLatenessMs: ms
    .default(60_000)
    .describe(
      'How long to wait for events that arrive out of order: the watermark stays this far behind the newest event.',
    ),
  idleTimeoutMs: ms
    .default(30_000)
    .describe(
      'After this long without input, the watermark of a partition moves with the wall clock, so that windows still close.',
    ),
  maxReorderBytes: bytes
    .default(67_108_864)
    .describe(
      'Maximum bytes of messages per partition that wait to be put in order. At the limit the topic that is ahead is not read further, unless its messages lie within the allowed lateness.',
    ),
  maxOpenImpressions: count
    .default(2_000_000)
    .describe(
      'Maximum open impressions per partition (about 0.5 kB each; long ids, categories or attributes count for more). As many closed ones may be remembered beside them, and as many again for each surface with a window of its own. At the cap those close first whose window ends first.',
    ),
  overflow: z
    .enum(['close-oldest', 'stop'])
    .default('close-oldest')
    .describe(
      'What happens at join.maxOpenImpressions. `close-oldest`: the oldest impressions close before their window ends, and are counted. `stop`: the run ends with an error.',
    ),
  maxPendingInteractions: count
    .default(200_000)
    .describe(
      'Maximum interactions per partition that wait for their impression (at most 1 kB each; long ids count for more); beyond it the oldest count as unmatched.',
    ),
  lateRetentionMs: ms
    .default(600_000)
    .describe(
      'How long after the close an impression is remembered, so that a late interaction can say what it would have changed.',
    ),
  deduplicationWindowMs: ms.default(3_600_000).describe('Event time within which a repeated id is a duplicate.'),
  maxDeduplicationEntries: count
    .default(5_000_000)
    .describe(
      'Maximum ids remembered per partition, of impressions and of interactions each; beyond it the oldest are forgotten before join.deduplicationWindowMs.',
    ),
});

const label = z.strictObject({
  goal: z
    .enum(INTERACTION_TYPES)
    .default('CLICK')
    .describe('Weakest outcome that makes the label 1; DISMISS is the weakest of all, PURCHASE the strongest.'),
  surfaceGoals: z
    .partialRecord(z.enum(SURFACES), z.enum(INTERACTION_TYPES))
    .default({})
    .describe('Goals of single surfaces, e.g. `AD: PURCHASE`; the others have label.goal.'),
  examined: z
    .enum(EXAMINED)
    .default('all')
    .describe(
      'Which shown impressions count as seen: `all`; `viewed`, those with an interaction (a VIEW is enough); `above-last-click`, those down to the last click of their list, and all of a list without one. The others are no negatives: they make no sample and are counted as unexamined.',
    ),
  surfaceExamined: z
    .partialRecord(z.enum(SURFACES), z.enum(EXAMINED))
    .default({})
    .describe('The same for single surfaces, e.g. `AD: viewed`; the others have label.examined.'),
  examinedBelow: z
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(0)
    .describe('With `above-last-click`: positions below the last click that count as seen, too.'),
});

export const configSchema = z.strictObject({
  application: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,200}$/)
    .default('sluice')
    .describe(
      'Name of the application: its consumer group, transactions and stored state carry it. A new name starts from the beginning of the topics.',
    ),
  plugins,
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
  tables,
  features: features.prefault({}),
  quality: quality.prefault({}),
  selection: selection.prefault({}),
  retrain: retrain.prefault({}),
  output: output.prefault({}),
  state: state.prefault({}),
  http: http.prefault({}),
  serving: serving.prefault({}),
  log: log.prefault({}),
  run: run.prefault({}),
  drain: drain.prefault({}),
  telemetry: telemetry.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
