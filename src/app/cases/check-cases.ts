import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryTransport, noMetrics, silentLogger } from '../../adapters/memory/index.js';
import { systemClock } from '../../adapters/system/index.js';
import { readYamlSource } from '../../adapters/yaml/index.js';
import { type Case, type Cases, casesSchema } from '../../config/cases-schema.js';
import { requireConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { createHealthBoard } from '../../observe/health-board.js';
import { INPUTS, type NewRecord, type Transport } from '../../ports/transport.js';
import { dumpTopic } from '../dump/dump.js';
import type { RecordTopic } from '../dump/records.js';
import { runSluice } from '../run.js';
import { openCodecs } from '../wire.js';
import { differencesIn, type Fields } from './match.js';

/** What a case came to. */
export interface CheckedCase {
  readonly name: string;
  /** Nothing: it holds. */
  readonly differences: readonly string[];
}

/** Where cases and config come from. */
export interface CasesSource {
  /** YAML file of cases. */
  readonly cases: string;
  /** YAML file of the config; absent: the defaults. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `path=value` for every case. */
  readonly sets?: readonly string[];
}

/**
 * In a case everything that is decided is kept, nothing is learned or embedded, all lies in memory, and messages are JSON: it
 * is about what becomes of events, not about which samples a model would keep.
 */
const FOR_CASES = [
  'application=cases',
  'transport.kind=embedded',
  'topics.partitions=1',
  'topics.create=true',
  'wire.inputFormat=json',
  'wire.outputFormat=json',
  'encoder.enabled=false',
  'output.embeddings=false',
  'selection.scorer=uniform',
  'selection.budget=1',
  'selection.perSecond=0',
  'selection.throttle=1',
  'selection.auditFraction=0',
  'retrain.pace=live',
  'retrain.promote=manual',
  'http.enabled=off',
  'http.control=false',
] as const;

/** Each output, and what names a record of it. */
const OUTPUTS = {
  samples: { topic: 'training', shown: ['sampleId', 'itemId', 'label'] },
  late: { topic: 'late', shown: ['interactionId', 'sampleId'] },
  deadLetters: { topic: 'dead-letters', shown: ['code', 'stage', 'reason'] },
} as const satisfies Readonly<Record<keyof Case['expect'], { topic: RecordTopic; shown: readonly string[] }>>;

/** Reads a file of cases. @throws cases-invalid with every problem; file-unreadable */
function loadCases(path: string): Cases {
  const source = readYamlSource(path);
  const syntax = source.problems.map(({ line, message }) => `line ${line}: ${message}`);
  if (syntax.length > 0) throw new SluiceError('cases-invalid', { path, problems: syntax.join('; ') });
  const parsed = casesSchema.safeParse(source.value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path: at, message }) => `line ${source.lineOf(at)}: ${at.join('.')}: ${message}`,
  );
  throw new SluiceError('cases-invalid', { path, problems: problems.join('; ') });
}

/**
 * Runs every case of a file through the whole processor, one after the other, without a broker and without touching a store.
 * @throws cases-invalid, config-invalid, file-unreadable
 */
export async function* checkCases(source: CasesSource): AsyncGenerator<CheckedCase> {
  const { cases } = loadCases(source.cases);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'));
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, 'the pseudonym key of cases, always the same\n', { mode: 0o600 });
  try {
    for (const one of cases) yield { name: one.name, differences: await differencesOf(one, source, keyFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function differencesOf(one: Case, { config: file, env = {}, sets = [] }: CasesSource, keyFile: string) {
  const own = [...sets, ...FOR_CASES, `privacy.keyFile=${keyFile}`, ...one.set];
  // What the variables of the environment say of keys and brokers is not for cases.
  const config = requireConfig({ ...(file === undefined ? {} : { file }), env, sets: own }, () => undefined);
  const plain: Config = { ...config, selection: { ...config.selection, budgets: {}, keep: [] } };
  const transport = new MemoryTransport({ application: plain.application, topics: plain.topics, clock: systemClock });
  await transport.prepare();
  await transport.append(recordsOf(one));
  // The run closes it, and the log stays.
  await runSluice(plain, {
    untilEnd: true,
    signal: new AbortController().signal,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(systemClock, () => undefined),
    transport,
  });
  const after = new MemoryTransport({ ...plain, clock: systemClock, log: transport.log });
  await after.prepare();
  const differences: string[] = [];
  for (const [name, { topic, shown }] of Object.entries(OUTPUTS)) {
    const expected = one.expect[name as keyof typeof OUTPUTS];
    if (expected === undefined) continue;
    differences.push(...differencesIn(name, expected, await rowsOf(after, plain, topic), shown));
  }
  await after.close();
  return differences;
}

function recordsOf(one: Case): readonly NewRecord[] {
  const utf8 = new TextEncoder();
  return INPUTS.flatMap((topic) =>
    one[topic].map((message) => ({ topic, partition: 0, key: null, value: utf8.encode(JSON.stringify(message)) })),
  );
}

async function rowsOf(transport: Transport, config: Config, topic: RecordTopic): Promise<readonly Fields[]> {
  const codecs = openCodecs(config, { logger: silentLogger, clock: systemClock });
  let text = '';
  await dumpTopic({ transport, codecs, config }, topic, 'ndjson', (part) => {
    text += part;
    return Promise.resolve();
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Fields);
}
