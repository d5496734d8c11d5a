import { SluiceError } from '../../errors.js';
import { askedHistories } from '../../events/asked-histories.js';
import type { Codec } from '../../ports/codec.js';
import type { ReadRecord } from '../../ports/transport.js';
import { type DumpColumn, schemaColumns } from './columns.js';
import { FeatureNames } from './feature-names.js';
import { type DumpRange, type DumpSource, type Fields, readingOf, recordsOf, type RecordTopic } from './records.js';
import { Shape } from './shape.js';

/** Vectors of texts that samples have with `output.embeddings`. */
const TEXT_VECTORS = ['query', 'item'];

const hasFeatures = (topic: RecordTopic): boolean => topic === 'training' || topic === 'audit';

/** The names of features for a topic; null where its rows have none. */
export async function namesFor(source: DumpSource, topic: RecordTopic): Promise<FeatureNames | null> {
  return hasFeatures(topic) ? FeatureNames.of(source) : null;
}

/** A shape that has seen no row: what the schema and the config say. */
export function emptyShape({ config }: DumpSource, topic: RecordTopic, names: FeatureNames | null): Shape {
  const { carry, embeddings } = config.output;
  return new Shape(schemaColumns(topic), names, {
    carried: hasFeatures(topic) ? carry : [],
    embeddings: embeddings ? TEXT_VECTORS : [],
    histories: hasFeatures(topic) ? askedHistories(config.features.history) : [],
  });
}

/** Every row of a range, made of its record by `make`; null: none for now (with `follow` alone). */
export async function* rowsOf<Row>(
  source: DumpSource,
  topic: RecordTopic,
  range: DumpRange,
  make: (record: ReadRecord) => Row,
): AsyncGenerator<Row | null> {
  const codec: Codec<unknown> | undefined = topic === 'dead-letters' ? undefined : source.codecs[topic];
  const isWanted = filterOf(source, topic, range);
  let left = range.limit ?? Infinity;
  if (left <= 0) return;
  for await (const record of recordsOf(source.transport, topic, range)) {
    if (record === null) {
      yield null;
      continue;
    }
    await codec?.prepare([record.value!]);
    if (!isWanted(record)) continue;
    yield make(record);
    if (--left <= 0) return;
  }
}

function filterOf(source: DumpSource, topic: RecordTopic, { featureSet }: DumpRange): (record: ReadRecord) => boolean {
  if (featureSet === undefined || !hasFeatures(topic)) return () => true;
  const { fields } = readingOf(source, topic);
  return (record) => fields(record)['featureSetId'] === featureSet;
}

/**
 * The columns of a dump that is written line by line: those of its first row and of the config.
 * @returns a reader of rows, which throws `feature-sets-mixed` for one that has others
 */
export async function columnsOfLines(
  source: DumpSource,
  topic: RecordTopic,
  first: Fields,
): Promise<{ readonly columns: readonly DumpColumn[]; readonly check: (fields: Fields) => void }> {
  const names = await namesFor(source, topic);
  const shape = emptyShape(source, topic, names);
  await shape.take(first);
  const featureSetId = first['featureSetId'];
  return {
    // Vectors of texts are thousands of numbers: lines have none.
    columns: shape.columns().filter(({ name }) => !name.startsWith('embedding.')),
    check: (fields) => {
      if (fields['featureSetId'] !== featureSetId)
        throw new SluiceError('feature-sets-mixed', {
          one: String(featureSetId),
          other: String(fields['featureSetId']),
        });
    },
  };
}
