import { partitionOf } from '../../events/partition.js';
import type { ImpressionList, Interaction } from '../../events/words.js';
import type { Codec } from '../../ports/codec.js';
import type { InputName, NewRecord, Transport } from '../../ports/transport.js';
import { parseEventLine } from './event-line.js';
import { mergeByTime } from './merge-by-time.js';
import { findEventFile } from './names.js';
import { readLineBatches, type Line } from './read-lines.js';

/** Codecs of the input topics, when these are not JSON. */
export interface InputCodecs {
  readonly impressions: Codec<ImpressionList>;
  readonly interactions: Codec<Interaction>;
}

/** Told after each batch: events so far, and how far through both files (0 to 1, by bytes as stored). */
export type OnProgress = (doneCount: number, totalBytesFraction: number) => void;

/** What was appended. */
export interface SentEvents {
  readonly impressions: number;
  readonly interactions: number;
  readonly bytes: number;
  /** Lines that could not be read as (or re-encoded as) an event and went out as they stand. */
  readonly sentAsIs: number;
}

/** Bytes an append carries at most, unless a single record is larger. */
export const SEND_BATCH_BYTES = 4 * 1024 * 1024;

interface Prepared {
  readonly record: NewRecord;
  readonly timeMs: number;
  readonly isAsIs: boolean;
}

/**
 * Appends a folder of event files to the input topics. Each topic gets its file's lines in file order; the two files are
 * merged by event time, so that a running application sees clicks beside what they were made on. Nothing is lost: a line
 * that is no event, or that the codec refuses, is appended as it stands and ends in the dead letters.
 *
 * The key is sessionId, else userId, else requestId, as UTF-8. A record without any goes, with a null key, to the
 * partition that a hash of its bytes names, so that sending it again puts it at the same place.
 * @param codecs leave out for JSON topics: the line's own bytes are the value
 * @throws SluiceError `file-unreadable`, `event-file-invalid` (damaged gzip), and what the transport throws
 */
export async function sendEvents(
  folder: string,
  transport: Pick<Transport, 'append' | 'partitionCount'>,
  codecs?: InputCodecs,
  onProgress: OnProgress = () => undefined,
): Promise<SentEvents> {
  const paths = {
    impressions: findEventFile(folder, 'impressions'),
    interactions: findEventFile(folder, 'interactions'),
  };
  const read: Record<InputName, number> = { impressions: 0, interactions: 0 };
  const prepared = async function* (topic: InputName): AsyncGenerator<Prepared> {
    const partitionCount = await transport.partitionCount(topic);
    for await (const batch of readLineBatches(paths[topic])) {
      for (const line of batch.lines) yield prepare(topic, line, partitionCount, codecs);
      read[topic] = batch.readFraction;
    }
    read[topic] = 1;
  };
  const sent = { impressions: 0, interactions: 0, bytes: 0, sentAsIs: 0 };
  let batch: NewRecord[] = [];
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await transport.append(batch);
    batch = [];
    batchBytes = 0;
    onProgress(sent.impressions + sent.interactions, (read.impressions + read.interactions) / 2);
  };
  for await (const next of mergeByTime(prepared('impressions'), prepared('interactions'), (event) => event.timeMs)) {
    const bytes = (next.record.value?.length ?? 0) + (next.record.key?.length ?? 0);
    if (batchBytes + bytes > SEND_BATCH_BYTES) await flush();
    batch.push(next.record);
    batchBytes += bytes;
    sent[next.record.topic as InputName] += 1;
    sent.bytes += bytes;
    if (next.isAsIs) sent.sentAsIs += 1;
  }
  await flush();
  onProgress(sent.impressions + sent.interactions, 1);
  return sent;
}

function prepare(topic: InputName, { bytes }: Line, partitionCount: number, codecs?: InputCodecs): Prepared {
  const event = parseEventLine(bytes);
  if ('why' in event) return { record: keyless(topic, bytes, partitionCount), timeMs: Number.NaN, isAsIs: true };
  const encoded = codecs ? encode(codecs[topic] as Codec<unknown>, event.record) : bytes;
  const value = encoded ?? bytes;
  const record =
    event.key === null ? keyless(topic, value, partitionCount) : { topic, key: Buffer.from(event.key, 'utf8'), value };
  return { record, timeMs: event.eventTimeMs, isAsIs: encoded === undefined };
}

function keyless(topic: InputName, value: Uint8Array, partitionCount: number): NewRecord {
  return { topic, key: null, value, partition: partitionOf(value, partitionCount) };
}

function encode(codec: Codec<unknown>, record: unknown): Uint8Array | undefined {
  try {
    return codec.encode(record);
  } catch {
    return undefined;
  }
}
