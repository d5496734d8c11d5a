import type { Codecs } from '../../adapters/avro/index.js';
import { SluiceError } from '../../errors.js';
import type { TrainingSample } from '../../events/words.js';
import type { Transport } from '../../ports/transport.js';
import { readTopic } from '../read-topic.js';

/** A sample as its topic holds it, and rows of the stream to compare it with. */
export interface FoundSample {
  readonly topic: 'training' | 'audit';
  readonly sample: TrainingSample;
  /** Rows of the newest audit samples of the same feature set, row-major; the sample's own row where there is none. */
  readonly background: Float32Array;
  readonly backgroundRows: number;
}

/** Newest audit rows that stand for the stream: means over them are known to about 2 % of a spread. */
const BACKGROUND_ROWS = 2_000;

/**
 * Looks a sample up on the audit and training topics.
 * @param publicIds what the id may have gone out as
 * @throws sample-unknown
 */
export async function findSample(
  transport: Pick<Transport, 'reader'>,
  codecs: Codecs,
  sampleId: string,
  publicIds: readonly string[] = [sampleId],
): Promise<FoundSample> {
  let found: Pick<FoundSample, 'topic' | 'sample'> | undefined;
  let newest: TrainingSample[] = [];
  for (const topic of ['audit', 'training'] as const) {
    for await (const { value } of readTopic(transport, topic)) {
      if (value === null) continue;
      await codecs[topic].prepare([value]);
      const sample = codecs[topic].decode(value);
      if (publicIds.includes(sample.sampleId)) found = { topic, sample };
      if (topic === 'audit') newest.push(sample);
      if (newest.length >= 2 * BACKGROUND_ROWS) newest = newest.slice(-BACKGROUND_ROWS);
      if (found && topic === 'training') break;
    }
  }
  if (!found) throw new SluiceError('sample-unknown', { sampleId });
  const { featureSetId } = found.sample;
  const alike = newest.filter((sample) => sample.featureSetId === featureSetId).slice(-BACKGROUND_ROWS);
  const rows = alike.length > 0 ? alike : [found.sample];
  return {
    ...found,
    background: Float32Array.from(rows.flatMap(({ features }) => Array.from(features))),
    backgroundRows: alike.length,
  };
}
