import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Gate } from '../../pipeline/admit.js';
import {
  NOTHING_FETCHED,
  type Fetched,
  type InputName,
  type InputOffsets,
  type InputTail,
  type LogRecord,
  type PartitionLease,
  type TopicRole,
} from '../../ports/transport.js';
import { type Span, standingsOf } from './range.js';

/** What a lease of a replay reads, and who is told of what. */
export interface RangeReading {
  /** The application's inputs. */
  readonly tail: InputTail;
  readonly gate: Gate;
  readonly spans: Readonly<Record<InputName, Span>>;
  /** Ends of the inputs when the replay began. */
  readonly ends: InputOffsets;
  /** True where offsets have no gaps but those that retention makes. */
  readonly isGapless: boolean;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Told of every committed record, key and value. */
  readonly wrote: (topic: TopicRole, bytes: number) => void;
}

/**
 * A partition of a replay: reads the application's input as far as it lies in the range, and commits to its own place. Its
 * input ends where the range does, so that a run to the end comes to an end beside producers that go on. Which message ends
 * it depends on no other message, so that a replay that was stopped goes on as if it had not been.
 */
export function rangeLease(own: PartitionLease, reading: RangeReading): PartitionLease {
  const { tail, gate, spans, ends, isGapless, wrote, clock } = reading;
  const next: Record<InputName, number> = { impressions: 0, interactions: 0 };
  const isOver = { impressions: false, interactions: false };
  let seeks = 0;

  async function taken(input: InputName, { records, caughtUp }: Fetched, seek: number): Promise<Fetched> {
    const standings = await standingsOf(gate, input, records, spans[input]);
    if (seek !== seeks) return NOTHING_FETCHED;
    const kept: LogRecord[] = [];
    for (const [at, record] of records.entries()) {
      const standing = standings[at]!;
      isOver[input] = record.offset >= ends[input] || standing.ends;
      if (isOver[input]) break;
      if (isGapless && record.offset > next[input])
        throw new SluiceError('input-lost', {
          topic: input,
          partition: tail.partition,
          earliest: record.offset,
          wanted: next[input],
        });
      next[input] = record.offset + 1;
      if (standing.isInside) kept.push(record);
    }
    return { records: kept, caughtUp: isOver[input] || caughtUp };
  }

  return {
    partition: own.partition,
    signal: own.signal,
    committed: () => own.committed(),
    async seek(offsets) {
      seeks++;
      Object.assign(next, offsets);
      Object.assign(isOver, { impressions: false, interactions: false });
      await tail.seek(offsets);
    },
    async poll(input, maxBytes, waitMs, mayBeOldMs) {
      own.signal.throwIfAborted();
      const seek = seeks;
      if (isOver[input] || next[input] >= ends[input]) {
        // As long as a log that brings nothing: whoever polls again at once would keep all else from running.
        await clock.sleep(waitMs, own.signal);
        return seek === seeks ? { records: [], caughtUp: true } : NOTHING_FETCHED;
      }
      return taken(input, await tail.poll(input, maxBytes, waitMs, mayBeOldMs), seek);
    },
    async commit(unit) {
      await own.commit(unit);
      for (const { topic, key, value } of unit.records) wrote(topic, (key?.length ?? 0) + (value?.length ?? 0));
    },
  };
}
