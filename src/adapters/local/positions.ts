import type { InputPlace } from '../../config/input-places.js';
import { INPUTS, type Committed, type InputName, type InputOffsets, type UnitOfWork } from '../../ports/transport.js';
import { putCommitted, putNumbered, readCommitted } from './committed.js';
import type { LogStore } from './log-store.js';
import type { TopicTable } from './topic-table.js';

/** How far an application has come in each numbered partition of its inputs. */
export interface Positions {
  /** The committed position; offsets 0 and no progress before the first commit. */
  read(numbered: number): Committed;
  /** Moves it; belongs inside a write. */
  put(numbered: number, unit: UnitOfWork): void;
  /** Takes what an earlier release kept otherwise, before the first commit; belongs inside a write. */
  adopt(): void;
}

/** Positions under the numbers of their partitions. */
export function positionsByNumber(store: LogStore, application: string): Positions {
  return {
    read: (numbered) => readCommitted(store, application, numbered),
    put: (numbered, unit) => putCommitted(store, application, numbered, unit),
    adopt: () => undefined,
  };
}

/**
 * Positions under the topics that the partitions lie in, so that a list of topics may change: one that is added is read from
 * its beginning, one that comes back from where it was left. For an application that reads nothing again: what it has
 * committed it needs no more.
 */
export function positionsByTopic(store: LogStore, application: string, topics: TopicTable): Positions {
  const offsetOf = (input: InputName, numbered: number): number => {
    const place = topics.placeOf(input, numbered);
    return place === undefined ? 0 : Number(store.fact(keyOf(application, input, place)) ?? 0);
  };
  const put = (numbered: number, offsets: InputOffsets): void => {
    for (const input of INPUTS) {
      const place = topics.placeOf(input, numbered);
      if (place !== undefined) store.putFact(keyOf(application, input, place), String(offsets[input]));
    }
  };
  return {
    read: (numbered) => ({
      offsets: { impressions: offsetOf('impressions', numbered), interactions: offsetOf('interactions', numbered) },
      progress: readCommitted(store, application, numbered).progress,
    }),
    put(numbered, unit) {
      put(numbered, unit.offsets);
      putNumbered(store, application, numbered, { offsets: unit.offsets, progress: unit.progress });
      for (const [other, offsets] of unit.others ?? []) {
        put(other, offsets);
        putNumbered(store, application, other, { offsets, progress: '' });
      }
    },
    adopt() {
      const isAdopted = store.fact(markOf(application)) !== undefined;
      store.putFact(markOf(application), '');
      // What is at 0 is said, too: until it has been read it is kept.
      for (const input of INPUTS) {
        const earlier = isAdopted ? undefined : earlierTopic(store, application, topics, input);
        for (let numbered = 0; numbered < topics.numberedCount(); numbered++) {
          const place = topics.placeOf(input, numbered);
          if (place === undefined || store.fact(keyOf(application, input, place)) !== undefined) continue;
          const from = place.topic === earlier ? readCommitted(store, application, place.partition).offsets[input] : 0;
          store.putFact(keyOf(application, input, place), String(from));
        }
      }
    },
  };
}

/** The topic to which the positions by number of an earlier release belong: it had one, so the first that is as long. */
function earlierTopic(store: LogStore, application: string, topics: TopicTable, input: InputName): string | undefined {
  const { partitions } = topics.get(input);
  return topics
    .inputNames(input)
    .find((name) =>
      Array.from({ length: partitions }, (_, partition) => partition).every(
        (partition) => store.endOffset(name, partition) >= readCommitted(store, application, partition).offsets[input],
      ),
    );
}

/** True when the positions of an application are kept by topic. */
export function isKeptByTopic(store: LogStore, application: string): boolean {
  return store.fact(markOf(application)) !== undefined;
}

/** Where such an application reads on in a topic partition; Infinity: it does not read it. */
export function positionInTopic(store: LogStore, application: string, input: InputName, place: InputPlace): number {
  return Number(store.fact(keyOf(application, input, place)) ?? Infinity);
}

function markOf(application: string): string {
  return `by-topic:${application}`;
}

function keyOf(application: string, input: InputName, { topic, partition }: InputPlace): string {
  return `position:${application}:${input}:${partition}:${topic}`;
}
