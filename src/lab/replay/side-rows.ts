import { allocate, type Bundle, enlarged, gathered, type Layout } from '../../bundle/bundle.js';
import { JUDGED } from '../../bundle/sample.js';
import { readRange } from '../../app/read-range.js';
import type { Codecs } from '../../adapters/avro/index.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import { SURFACES, type TrainingSample } from '../../events/words.js';
import { sampleKeyOf } from '../../pipeline/join/sample-key.js';
import type { KeyOf } from '../../pipeline/state/keys.js';
import type { ReadRecord, Transport } from '../../ports/transport.js';
import type { ReplayRange } from './range.js';

/** A row of the training or audit topic, as far as it is compared. */
const COMPARED = {
  ...JUDGED,
  timesMs: 'f64',
  sampleKeys: 'f64',
  sessions: 'u32',
  /** What the champion of then said; NaN: there was none. */
  predictions: 'f32',
} as const satisfies Layout;

export type ComparedRows = Bundle<typeof COMPARED> & {
  /** Of its rows; undefined: there is none. */
  readonly featureSetId: string | undefined;
  /** Bytes of keys and values. */
  readonly bytes: number;
};

/** Where one side's rows lie. */
export interface Side {
  readonly name: string;
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>;
  readonly codecs: Pick<Codecs, 'training' | 'audit'>;
  readonly config: Pick<Config, 'application' | 'clean'>;
}

/** What both sides are read with: sessions have the same number on both. */
export interface Naming {
  readonly keyOf: KeyOf;
  readonly sessionNumbers: Map<string, number>;
}

const FIRST_ROWS = 1_024;

/**
 * The rows of a topic whose impressions were shown in a range, by event time, each id once; those of one feature set, the
 * one of the first row.
 */
export async function rowsInRange(
  side: Side,
  topic: 'training' | 'audit',
  range: ReplayRange,
  naming: Naming,
): Promise<ComparedRows> {
  let bundle: Bundle<typeof COMPARED> | undefined;
  let featureSetId: string | undefined;
  let [size, bytes] = [0, 0];
  const known = new Set<number>();
  for await (const [sample, rowBytes] of samplesOf(side, topic, range)) {
    featureSetId ??= sample.featureSetId;
    const key = sampleKeyOf(sample, naming.keyOf);
    if (sample.featureSetId !== featureSetId || known.has(key)) continue;
    known.add(key);
    bytes += rowBytes;
    bundle ??= allocate(COMPARED, FIRST_ROWS, sample.features.length);
    if (size === bundle.rowCount) bundle = enlarged(COMPARED, bundle, 2 * size);
    put(bundle, size++, sample, key, naming.sessionNumbers);
  }
  const { timesMs } = bundle ?? { timesMs: new Float64Array(0) };
  const order = Uint32Array.from({ length: size }, (_, at) => at).sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const rows = bundle ? gathered(COMPARED, bundle, order) : allocate(COMPARED, 0);
  return { ...rows, featureSetId, bytes };
}

/** The chosen rows, in that order. */
export function chosen(rows: ComparedRows, places: ArrayLike<number> & Iterable<number>): Bundle<typeof COMPARED> {
  return gathered(COMPARED, rows, Uint32Array.from(places));
}

function put(
  bundle: Bundle<typeof COMPARED>,
  at: number,
  sample: TrainingSample,
  key: number,
  sessionNumbers: Map<string, number>,
): void {
  const session = sessionNumbers.get(sample.sessionPseudonym) ?? sessionNumbers.size;
  sessionNumbers.set(sample.sessionPseudonym, session);
  bundle.rows.set(sample.features, at * bundle.columnCount);
  bundle.labels[at] = sample.label;
  bundle.weights[at] = sample.importanceWeight;
  bundle.offsets[at] = sample.logOddsOffset;
  bundle.surfaces[at] = SURFACES.indexOf(sample.surface);
  bundle.timesMs[at] = sample.eventTimeMs;
  bundle.sampleKeys[at] = key;
  bundle.sessions[at] = session;
  bundle.predictions[at] = sample.prediction ?? Number.NaN;
}

async function* samplesOf(
  { transport, codecs, config }: Side,
  topic: 'training' | 'audit',
  range: ReplayRange,
): AsyncGenerator<readonly [TrainingSample, number]> {
  const codec = codecs[topic];
  // Nothing is shown later than it is written, but for clocks that are ahead.
  const sinceMs = range.fromMs - config.clean.maxFutureMs;
  const partitionCount = await transport.partitionCount(topic);
  for (let partition = 0; partition < partitionCount; partition++)
    for await (const record of readRange(transport, topic, partition, { sinceMs })) {
      if (record.value === null || isAnothers(record, config.application)) continue;
      await codec.prepare([record.value]);
      const sample = decoded(codec, record.value);
      if (!sample) continue;
      if (sample.eventTimeMs >= range.fromMs && sample.eventTimeMs < range.toMs)
        yield [sample, record.value.length + (record.key?.length ?? 0)];
    }
}

/** Applications may share a topic. */
function isAnothers({ headers }: ReadRecord, application: string): boolean {
  const owner = headers[ROW_HEADERS.application];
  return owner !== undefined && owner !== application;
}

function decoded(codec: Codecs['training'], value: Uint8Array): TrainingSample | undefined {
  try {
    return codec.decode(value);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class === 'data') return undefined;
    throw thrown;
  }
}
