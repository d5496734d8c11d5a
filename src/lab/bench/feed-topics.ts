import type { NewRecord, Transport } from '../../ports/transport.js';
import { simulate } from '../simulate/index.js';
import { SEED } from './scenarios.js';

/** Bytes an append carries at most. */
const APPEND_BYTES = 4_194_304;
/** At this rate about 90,000 impressions wait for their outcome at a time. */
const IMPRESSIONS_PER_SECOND = 50;

/** What was put on the input topics. */
export interface Fed {
  readonly impressions: number;
  readonly lists: number;
  readonly interactions: number;
  readonly bytes: number;
}

/** Appends simulated traffic, the same for the same count, to the input topics. */
export async function feedTopics(transport: Pick<Transport, 'append'>, impressionCount: number): Promise<Fed> {
  const fed = { impressions: 0, lists: 0, interactions: 0, bytes: 0 };
  let batch: NewRecord[] = [];
  let batchBytes = 0;
  for (const event of simulate({
    seed: SEED,
    impressionCount,
    impressionsPerSecond: IMPRESSIONS_PER_SECOND,
    itemCount: 3_000,
  })) {
    if (event.kind === 'interactions') fed.interactions++;
    else {
      fed.lists++;
      fed.impressions += event.record.items.length;
    }
    const value = Buffer.from(JSON.stringify(event.record));
    batch.push({ topic: event.kind, key: Buffer.from(event.record.sessionId), value });
    batchBytes += value.length;
    fed.bytes += value.length;
    if (batchBytes < APPEND_BYTES) continue;
    await transport.append(batch);
    batch = [];
    batchBytes = 0;
  }
  if (batch.length > 0) await transport.append(batch);
  return fed;
}
