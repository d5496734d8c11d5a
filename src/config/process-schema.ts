/** Sections on the process itself: what it writes, how it batches, checkpoints, answers, logs and ends. */
import { z } from 'zod';
import { bytes, environmentVariable, ms, messagePath } from './units.js';

/** Fields that are a person's id, or may hold one. */
const NAMES_PERSON = /^(sessionId|userId|requestId|items\.impressionId)$/;
const NO_PERSON = 'expected a field that is no id of a person: samples have pseudonyms and sampleId';

export const output = z.strictObject({
  embeddings: z.boolean().default(false).describe('Put the text vectors into every sample (3 kB a sample).'),
  carry: z
    .array(messagePath.refine((path) => !NAMES_PERSON.test(path), { message: NO_PERSON }))
    .max(256)
    .default([])
    .describe(
      'Fields of the impression list to copy onto every sample (`carried`), by path: `query`, `items.title`, `items.price`, `context.country`, `items.attributes.brand`, `items.vectors.image`; a header of the record by `headers.traceparent` (docs/how/own-features.md). Open impressions hold them in memory.',
    ),
});

export const state = z.strictObject({
  checkpointEveryMs: ms
    .default(60_000)
    .describe('Longest time between two checkpoints: shorter means less to re-read after a crash.'),
  checkpointEveryBytes: bytes.default(268_435_456).describe('Most input in bytes between two checkpoints.'),
});

export const batch = z.strictObject({
  maxBytes: bytes
    .default(1_048_576)
    .describe(
      'Maximum input bytes in one unit of work, which is one commit. Larger gives more throughput, smaller less delay.',
    ),
  commitEveryMs: z
    .number()
    .int()
    .nonnegative()
    .max(60_000)
    .default(1_000)
    .describe(
      'Least time between two units of work that take in messages, while less than maxBytes has come: each is a commit, which costs a few milliseconds. Messages after a pause do not wait, nor does --until-end. 0: every message is worked on at once.',
    ),
  lingerMs: ms
    .default(100)
    .describe(
      'How long a partition waits for input before it checks whether a window has closed by time alone; twenty times as long once nothing has come for a while.',
    ),
});

export const http = z.strictObject({
  enabled: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe('Serve /metrics, /live, /ready and the console. `auto`: yes, except under --until-end.'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address of /metrics, /live and /ready; loopback unless you say otherwise.'),
  port: z.number().int().min(0).max(65_535).default(9464).describe('Port of that server; 0 picks a free one.'),
  console: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'Serve the console, a page that shows what the run does, at `/` of the same port. It only reads, shows samples, and has no login. `auto`: where http.host is loopback.',
    ),
  tls: z
    .strictObject({
      certFile: z.string().describe('Certificate (PEM) of the server, and the chain to its authority behind it.'),
      keyFile: z.string().describe('Key (PEM) of the certificate.'),
    })
    .optional()
    .describe('Serve by HTTPS; both files are read again when they change.'),
  hostNames: z
    .array(z.string())
    .default([])
    .describe('Names under which the console may be opened, besides localhost and IP addresses.'),
  control: z
    .boolean()
    .default(false)
    .describe(
      'Let whoever brings the token read the config again, drain, and promote, pin or roll back models over HTTP (docs/how/console.md).',
    ),
  tokenEnv: environmentVariable
    .default('SLUICE_CONTROL_TOKEN')
    .describe(
      'Environment variable with the token of http.control, at least 16 characters; it never stands in the file.',
    ),
  tokenFile: z.string().optional().describe('File with that token, in place of the variable.'),
  events: z
    .boolean()
    .default(false)
    .describe(
      'Take events at `POST /v1/impressions` and `/v1/interactions` from whoever brings the token (docs/how/http.md).',
    ),
  eventsMaxBytes: bytes.default(4_194_304).describe('Largest body of such a request.'),
  eventsTokenEnv: environmentVariable
    .default('SLUICE_EVENTS_TOKEN')
    .describe(
      'Environment variable with the token of http.events, at least 16 characters; it never stands in the file.',
    ),
  eventsTokenFile: z.string().optional().describe('File with that token, in place of the variable.'),
});

export const serving = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Answer `POST /v1/features` on a port of its own: the feature rows that an impression list would have now, and the champion’s predictions, for whoever brings the token (docs/how/serve.md). HTTPS where http.tls is set.',
    ),
  host: z.string().default('127.0.0.1').describe('Address of that port; loopback unless you say otherwise.'),
  port: z.number().int().min(0).max(65_535).default(9465).describe('That port; 0 picks a free one.'),
  maxBytes: bytes.default(1_048_576).describe('Largest body of such a request.'),
  tokenEnv: environmentVariable
    .default('SLUICE_SERVING_TOKEN')
    .describe('Environment variable with its token, at least 16 characters; it never stands in the file.'),
  tokenFile: z.string().optional().describe('File with that token, in place of the variable.'),
});

export const log = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Lowest level that is logged.'),
  format: z.enum(['json', 'pretty']).default('json').describe('Format of the log lines on stderr.'),
});

export const run = z.strictObject({
  threads: z
    .union([z.string().regex(/^(auto|[1-9]\d{0,2})$/), z.number().int().min(1).max(999)])
    .default(1)
    .describe(
      'Worker threads that process partitions, at most one per partition; the main thread reads and commits for them. 1: none, the main thread does everything. `auto`: as many as this machine has cores (docs/how/scaling.md).',
    ),
  maxPluginCallMs: ms
    .min(1)
    .default(10_000)
    .describe(
      'How long code of your own may take: a scorer for a batch, columns for a unit of work; loading and fitting may take sixty times as long. Beyond it the run ends with plugin-slow; a fit ends, and the champion stays.',
    ),
});

export const drain = z.strictObject({
  timeoutMs: ms
    .default(30_000)
    .describe(
      'How long units of work may take to finish after SIGTERM before the process ends anyway (nothing committed is lost).',
    ),
  checkpointBytes: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe(
      'A drain writes down the whole state of a partition, so that the next start reads next to nothing again, where what is open takes at most this many bytes in memory (about 400 an impression). 0: never, for reading again takes half as long, unless texts have to be embedded again (`encoder.cachePath` is lost) or the input is slow to read (docs/how/scaling.md).',
    ),
});

export const plugins = z
  .array(
    z.union([
      z
        .string()
        .min(1)
        .transform((file) => ({ file, sha256: '' })),
      z.strictObject({ file: z.string().min(1), sha256: z.string().default('') }),
    ]),
  )
  .default([])
  .describe(
    'Files with code of your own (JavaScript modules): scorers, columns, learners and rules, which other options name `own:NAME` (docs/how/own-code.md). The hash of a file counts as its value; `{file: mine.mjs, sha256: …}` refuses any other.',
  );
