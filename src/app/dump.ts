import { type Codecs, jsonLate, jsonSamples } from '../adapters/avro/index.js';
import type { Config } from '../config/schema.js';
import { deadLetterFromRecord } from '../pipeline/route/dead-letter-record.js';
import { keptColumns } from '../pipeline/features/kept-columns.js';
import type { Codec } from '../ports/codec.js';
import type { ReadRecord, Transport } from '../ports/transport.js';
import { manifestsOf, readCatalogue } from '../snapshot/index.js';
import { csvColumns, csvHead, csvLine } from './csv-line.js';
import { deadLetterJson } from './dead-letters.js';
import { readTopic } from './read-topic.js';

export type DumpedTopic = 'training' | 'audit' | 'late' | 'dead-letters' | 'snapshots';
export type DumpFormat = 'ndjson' | 'csv';

export interface DumpSource {
  readonly transport: Pick<Transport, 'reader'>;
  readonly codecs: Codecs;
  readonly config: Config;
}

/** Characters gathered before they are written. */
const FLUSH_LENGTH = 1 << 18;

/**
 * Writes an output topic as a committed reader reads it, up to its end as of now. NDJSON lines are the JSON form of the
 * records, missing features as null; CSV has one column a feature (`feature.<name>`), missing ones empty, and no vectors.
 * Snapshots are their manifests. Returns how many rows were written.
 */
export async function dumpTopic(
  source: DumpSource,
  topic: DumpedTopic,
  format: DumpFormat,
  write: (text: string) => Promise<void>,
): Promise<number> {
  const render =
    format === 'csv'
      ? csvRenderer(
          keptColumns(source.config.features).map(({ name }) => `feature.${name}`),
          ROWS_CARRY.includes(topic) ? source.config.output.carry : [],
        )
      : (line: string) => `${line}\n`;
  let pending = '';
  let rowCount = 0;
  for await (const line of linesOf(source, topic)) {
    pending += render(line);
    rowCount += 1;
    if (pending.length < FLUSH_LENGTH) continue;
    await write(pending);
    pending = '';
  }
  if (pending !== '') await write(pending);
  return rowCount;
}

/** Topics of samples. */
const ROWS_CARRY: readonly DumpedTopic[] = ['training', 'audit'];

/** Renders lines of JSON as CSV; the first one brings the head. */
function csvRenderer(featureNames: readonly string[], carried: readonly string[]): (line: string) => string {
  /** Columns of the first record; undefined before it. */
  let columns: ReturnType<typeof csvColumns> | undefined;
  return (line) => {
    const fields = JSON.parse(line) as Record<string, unknown>;
    const head = columns === undefined ? csvHead((columns = csvColumns(fields, featureNames, carried))) : '';
    return head + csvLine(columns!, fields);
  };
}

/** Each record as one line of JSON. */
async function* linesOf(source: DumpSource, topic: DumpedTopic): AsyncGenerator<string> {
  if (topic === 'snapshots') {
    for (const manifest of manifestsOf(await readCatalogue(source.transport))) yield JSON.stringify(manifest);
    return;
  }
  const lineOf = lineMaker(source, topic);
  const codec: Codec<unknown> | undefined = topic === 'dead-letters' ? undefined : source.codecs[topic];
  for await (const record of readTopic(source.transport, topic)) {
    if (record.value === null) continue;
    await codec?.prepare([record.value]);
    yield lineOf(record, record.value);
  }
}

function lineMaker({ codecs, config }: DumpSource, topic: Exclude<DumpedTopic, 'snapshots'>) {
  if (topic === 'dead-letters') {
    return (record: ReadRecord) =>
      JSON.stringify(
        deadLetterJson({ id: `${record.partition}:${record.offset}`, letter: deadLetterFromRecord(record) }),
      );
  }
  const text = new TextDecoder();
  // A JSON topic holds the very lines that are asked for.
  if (config.wire.outputFormat === 'json') return (_record: ReadRecord, value: Uint8Array) => text.decode(value);
  const from = codecs[topic] as Codec<unknown>;
  const to = (topic === 'late' ? jsonLate() : jsonSamples()) as Codec<unknown>;
  return (_record: ReadRecord, value: Uint8Array) => text.decode(to.encode(from.decode(value)));
}
