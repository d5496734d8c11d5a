import { SluiceError } from '../errors.js';
import type { TrainingSample } from '../events/words.js';
import type { Codec } from '../ports/codec.js';
import type { Hash32 } from '../ports/hash.js';
import type { ReadFrom, ReadRecord, Transport } from '../ports/transport.js';
import { readToEnd } from '../stream/read-to-end.js';
import { createRowsHeld } from './reservoir/rows-held.js';
import type { HeldBundle } from '../bundle/sample.js';
import { unusable } from './usable.js';

/** What the window is read with. */
export interface WindowDeps {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets'>;
  readonly codec: Codec<TrainingSample>;
  readonly hash: Hash32;
}

/** Which rows are wanted. */
export interface WindowWishes {
  readonly featureSetId: string;
  readonly columnCount: number;
  /** `retrain.auditWindowSamples`. */
  readonly sampleCount: number;
}

const POLL_WAIT_MS = 200;

/**
 * The newest audit samples of a feature set by event time, as the learner holds them. Reads the end of the topic alone, at
 * most `sampleCount` records of each partition, so that it takes seconds however old the application is; all that is left
 * where retention has removed them. Rows of other feature sets and undecodable ones are passed over.
 */
export async function readAuditWindow(deps: WindowDeps, wishes: WindowWishes): Promise<HeldBundle> {
  const ends = await deps.transport.endOffsets('audit');
  try {
    return await read(deps, wishes, ends, (end) => Math.max(0, end - wishes.sampleCount));
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'input-lost') throw thrown;
    return read(deps, wishes, ends, () => 'earliest');
  }
}

async function read(
  { transport, codec, hash }: WindowDeps,
  { featureSetId, columnCount, sampleCount }: WindowWishes,
  ends: readonly number[],
  fromOf: (end: number) => ReadFrom,
): Promise<HeldBundle> {
  const sizes = { reservoirSize: 1, reservoirBytes: 1, halfLifeSamples: 1, auditWindowSamples: sampleCount };
  const held = createRowsHeld({ columnCount, ...sizes }, hash);
  const take = async (records: readonly ReadRecord[]): Promise<void> => {
    await codec.prepare(records.map(({ value }) => value));
    for (const { value } of records) {
      const sample = value === null ? undefined : decoded(codec, value);
      if (sample && unusable(sample, featureSetId, columnCount) === undefined) held.audit(sample);
    }
  };
  for (const [partition, end] of ends.entries()) {
    const reader = await transport.reader(['audit'], fromOf(end), partition);
    try {
      await readToEnd(reader, POLL_WAIT_MS, take);
    } finally {
      await reader.close();
    }
  }
  return held.auditRows();
}

function decoded(codec: Codec<TrainingSample>, value: Uint8Array): TrainingSample | undefined {
  try {
    return codec.decode(value);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class === 'data') return undefined;
    throw thrown;
  }
}
