import type { Clock } from '../../../ports/clock.js';
import type { NewRecord, Transport } from '../../../ports/transport.js';
import { simulate, type SimulatedEvent } from '../../simulate/index.js';
import { SEED } from '../scenarios.js';

/** Bytes of events appended at a time. */
const APPEND_RECORDS = 2_000;
const BATCH_EVERY_MS = 100;
const ITEM_COUNT = 300;

/** Simulated traffic in real time, with a past: what of it lies before now is sent at once. */
export interface World {
  /** Sends what happened before now. */
  readonly catchUp: () => Promise<number>;
  /** Sends events as they happen until the signal aborts. */
  readonly live: (signal: AbortSignal) => Promise<void>;
}

/** Begins a world `pastMs` ago. */
export function openWorld(
  transport: Pick<Transport, 'append'>,
  clock: Clock,
  { impressionsPerSecond, pastMs }: { readonly impressionsPerSecond: number; readonly pastMs: number },
): World {
  const events = simulate({
    seed: SEED,
    impressionCount: Number.POSITIVE_INFINITY,
    impressionsPerSecond,
    startTimeMs: clock.nowMs() - pastMs,
    isRateDaily: false,
    itemCount: ITEM_COUNT,
  });
  let next = events.next().value as SimulatedEvent;
  const due = (most: number): NewRecord[] => {
    const nowMs = clock.nowMs();
    const records: NewRecord[] = [];
    while (next.record.eventTimeMs <= nowMs && records.length < most) {
      records.push(recordOf(next));
      next = events.next().value as SimulatedEvent;
    }
    return records;
  };
  return {
    async catchUp() {
      let count = 0;
      for (let records = due(APPEND_RECORDS); records.length > 0; records = due(APPEND_RECORDS)) {
        await transport.append(records);
        count += records.length;
      }
      return count;
    },
    async live(signal) {
      while (await clock.sleep(BATCH_EVERY_MS, signal)) {
        const records = due(Infinity);
        if (records.length > 0) await transport.append(records);
      }
    },
  };
}

const recordOf = ({ kind, record }: SimulatedEvent): NewRecord => ({
  topic: kind,
  key: Buffer.from(record.sessionId),
  value: Buffer.from(JSON.stringify(record)),
});
