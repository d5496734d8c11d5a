import { type Codecs, jsonLate, jsonSamples } from '../../adapters/avro/index.js';
import type { Config } from '../../config/schema.js';
import { deadLetterFromRecord } from '../../pipeline/route/dead-letter-record.js';
import type { Codec } from '../../ports/codec.js';
import type { ReadRecord, Transport } from '../../ports/transport.js';
import { deadLetterJson } from '../dead-letters.js';
import { readRange, type TimeRange } from '../read-range.js';
import { readTopic } from '../read-topic.js';

export type DumpedTopic = 'training' | 'audit' | 'late' | 'dead-letters' | 'snapshots';
/** Topics whose values are records; snapshots are manifests and chunks. */
export type RecordTopic = Exclude<DumpedTopic, 'snapshots'>;

export interface DumpSource {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>;
  readonly codecs: Codecs;
  readonly config: Config;
}

/** Which rows; what is absent does not narrow. Times are those at which a row was written. */
export interface DumpRange extends TimeRange {
  /** At most so many rows, in the order read. */
  readonly limit?: number | undefined;
  /** Rows of this feature set alone; other topics than training and audit have none. */
  readonly featureSet?: string | undefined;
  /** Waits for further rows at the end, until this is aborted. */
  readonly follow?: AbortSignal | undefined;
}

/** A record's fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longest wait of one poll. */
const POLL_WAIT_MS = 200;

/** Committed records with a value; null: there are no more for now, and it waits (with `follow` alone). */
export async function* recordsOf(
  transport: DumpSource['transport'],
  topic: RecordTopic,
  { sinceMs, untilMs, follow }: DumpRange,
): AsyncGenerator<ReadRecord | null> {
  const all = follow
    ? following(transport, topic, follow)
    : sinceMs === undefined && untilMs === undefined
      ? readTopic(transport, topic)
      : inRange(transport, topic, { sinceMs, untilMs });
  for await (const record of all) {
    if (record === null) yield null;
    else if (record.value !== null && record.timestampMs >= (sinceMs ?? -Infinity)) yield record;
  }
}

async function* inRange(
  transport: DumpSource['transport'],
  topic: RecordTopic,
  range: TimeRange,
): AsyncGenerator<ReadRecord> {
  const partitionCount = await transport.partitionCount(topic);
  for (let partition = 0; partition < partitionCount; partition++) yield* readRange(transport, topic, partition, range);
}

async function* following(
  transport: Pick<Transport, 'reader'>,
  topic: RecordTopic,
  signal: AbortSignal,
): AsyncGenerator<ReadRecord | null> {
  const reader = await transport.reader([topic], 'earliest');
  try {
    while (!signal.aborted) {
      const records = await reader.poll(POLL_WAIT_MS);
      yield* records;
      if (records.length === 0) yield null;
    }
  } finally {
    await reader.close();
  }
}

/** How records are read: `line` as one line of JSON, `fields` as the codec gives them (floats rounded to float32). */
export interface RecordReading {
  readonly line: (record: ReadRecord) => string;
  readonly fields: (record: ReadRecord) => Fields;
}

/** The reading of a topic. Wants `codecs[topic].prepare` called with each value before. */
export function readingOf({ codecs, config }: DumpSource, topic: RecordTopic): RecordReading {
  if (topic === 'dead-letters') {
    const fields = (record: ReadRecord): Fields =>
      deadLetterJson({ id: `${record.partition}:${record.offset}`, letter: deadLetterFromRecord(record) });
    return { fields, line: (record) => JSON.stringify(fields(record)) };
  }
  const text = new TextDecoder();
  const from = codecs[topic] as Codec<unknown>;
  const fields = (record: ReadRecord): Fields => from.decode(record.value!) as Fields;
  // A JSON topic holds the very lines that are asked for.
  if (config.wire.outputFormat === 'json') return { fields, line: (record) => text.decode(record.value!) };
  const to = (topic === 'late' ? jsonLate() : jsonSamples()) as Codec<unknown>;
  return { fields, line: (record) => text.decode(to.encode(fields(record))) };
}
