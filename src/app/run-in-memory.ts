import { MemoryTransport, noMetrics, silentLogger } from '../adapters/memory/index.js';
import { systemClock } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import { withCounters, withTableTopics } from '../config/topics.js';
import { createHealthBoard } from '../observe/health-board.js';
import { INPUTS, type InputName, type NewRecord } from '../ports/transport.js';
import { dumpTopic } from './dump/dump.js';
import type { RecordTopic } from './dump/records.js';
import { runSluice } from './run.js';
import { openCodecs } from './wire.js';

/**
 * Options of a run over a few events in memory: everything that is decided is kept, nothing is learned or embedded, all lies in memory, and messages are JSON: it
 * is about what becomes of events, not about which samples a model would keep.
 */
export const IN_MEMORY = [
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

/** Messages as they are sent, in the order of their topic. */
export type MessagesOf = Readonly<Record<InputName, readonly object[]>>;

/** What a run left. */
export interface LeftInMemory {
  /** The records of an output, as JSON has them. */
  rowsOf(topic: RecordTopic): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/**
 * Takes events through the whole processor until all is decided, without a broker and without touching a store.
 * @param config with {@link IN_MEMORY}
 * @throws what a run throws
 */
export async function runInMemory(config: Config, messages: MessagesOf): Promise<LeftInMemory> {
  const transport = new MemoryTransport({ ...placeOf(config), clock: systemClock });
  await transport.prepare();
  await transport.append(recordsOf(messages));
  // The run closes it, and the log stays.
  await runSluice(config, {
    untilEnd: true,
    signal: new AbortController().signal,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(systemClock, () => undefined),
    transport,
  });
  return { rowsOf: (topic) => rowsOf(transport.log, config, topic) };
}

function placeOf({ application, topics, tables, features }: Config): Pick<Config, 'application' | 'topics'> {
  return { application, topics: withCounters(withTableTopics(topics, tables), features) };
}

function recordsOf(messages: MessagesOf): readonly NewRecord[] {
  const utf8 = new TextEncoder();
  return INPUTS.flatMap((topic) =>
    messages[topic].map((message) => ({ topic, partition: 0, key: null, value: utf8.encode(JSON.stringify(message)) })),
  );
}

async function rowsOf(log: MemoryTransport['log'], config: Config, topic: RecordTopic) {
  const transport = new MemoryTransport({ ...placeOf(config), clock: systemClock, log });
  await transport.prepare();
  try {
    const codecs = openCodecs(config, { logger: silentLogger, clock: systemClock });
    let text = '';
    await dumpTopic({ transport, codecs, config }, topic, 'ndjson', (part) => {
      text += part;
      return Promise.resolve();
    });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  } finally {
    await transport.close();
  }
}
