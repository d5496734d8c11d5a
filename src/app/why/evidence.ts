import type { Codecs } from '../../adapters/avro/index.js';
import type { DeadLetter, LateInteraction, TrainingSample } from '../../events/words.js';
import { deadLetterFromRecord } from '../../pipeline/route/dead-letter-record.js';
import type { ReadRecord, Transport } from '../../ports/transport.js';
import type { OutputPlace } from './fate.js';
import { readRange, type TimeRange } from '../read-range.js';

/** A sample as its topic holds it. */
export interface FoundSample {
  readonly at: OutputPlace;
  readonly sample: TrainingSample;
}

export interface FoundLate {
  readonly at: OutputPlace;
  readonly late: LateInteraction;
}

export interface FoundLetter {
  readonly at: OutputPlace;
  readonly letter: DeadLetter;
}

/** What the output topics say about some ids and places. */
export interface Evidence {
  readonly samples: readonly FoundSample[];
  readonly late: readonly FoundLate[];
  readonly letters: readonly FoundLetter[];
}

/** Which output records are looked for. */
export interface Wanted {
  readonly isSample: (sample: TrainingSample) => boolean;
  readonly isLate: (late: LateInteraction) => boolean;
  readonly isLetter: (letter: DeadLetter) => boolean;
}

interface Sources {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>;
  readonly codecs: Codecs;
  readonly onRead: (count: number) => void;
}

/** Reads the output topics once, from a time on, and keeps what is wanted. */
export async function readEvidence(sources: Sources, wanted: Wanted, { sinceMs }: TimeRange): Promise<Evidence> {
  const { codecs } = sources;
  const samples: FoundSample[] = [];
  const late: FoundLate[] = [];
  const letters: FoundLetter[] = [];
  for await (const { topic, record, value } of outputs(sources, ['training', 'audit'], sinceMs)) {
    const sample = codecs[topic].decode(value);
    if (wanted.isSample(sample)) samples.push({ at: placeOf(topic, record), sample });
  }
  for await (const { topic, record, value } of outputs(sources, ['late'], sinceMs)) {
    const interaction = codecs[topic].decode(value);
    if (wanted.isLate(interaction)) late.push({ at: placeOf(topic, record), late: interaction });
  }
  for await (const { topic, record } of outputs(sources, ['dead-letters'], sinceMs)) {
    const letter = deadLetterFromRecord(record);
    if (wanted.isLetter(letter)) letters.push({ at: placeOf(topic, record), letter });
  }
  return { samples, late, letters };
}

/** Every sample of the training and audit topics, oldest first in each partition of them. */
export async function* eachSample(
  sources: Sources,
  { sinceMs }: TimeRange,
): AsyncGenerator<{
  readonly topic: 'training' | 'audit';
  readonly record: ReadRecord;
  readonly sample: TrainingSample;
}> {
  for await (const { topic, record, value } of outputs(sources, ['training', 'audit'], sinceMs))
    yield { topic, record, sample: sources.codecs[topic].decode(value) };
}

async function* outputs<T extends OutputPlace['topic']>(
  { transport, codecs, onRead }: Sources,
  topics: readonly T[],
  sinceMs: number | undefined,
): AsyncGenerator<{ readonly topic: T; readonly record: ReadRecord; readonly value: Uint8Array }> {
  for (const topic of topics) {
    const partitionCount = await transport.partitionCount(topic);
    for (let partition = 0; partition < partitionCount; partition++) {
      for await (const record of readRange(transport, topic, partition, { sinceMs })) {
        onRead(1);
        const { value } = record;
        if (value === null) continue;
        if (topic !== 'dead-letters') await codecs[topic as Exclude<T, 'dead-letters'>].prepare([value]);
        yield { topic, record, value };
      }
    }
  }
}

function placeOf(topic: OutputPlace['topic'], { partition, offset }: ReadRecord): OutputPlace {
  return { topic, partition, offset };
}
