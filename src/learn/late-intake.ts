import { messageOf, SluiceError } from '../errors.js';
import { CORRECTS, readCorrection } from '../events/correction.js';
import type { LateInteraction } from '../events/words.js';
import type { Codec } from '../ports/codec.js';
import type { ReadRecord } from '../ports/transport.js';
import type { RowsHeld } from './reservoir/rows-held.js';

/** Takes what the late topic says of labels. */
export interface LateIntake {
  /** Next offset to take of each partition. */
  readonly next: readonly number[];
  prepare(records: readonly ReadRecord[]): Promise<void>;
  take(record: ReadRecord): void;
}

/** Makes an intake that has taken nothing yet. */
export function createLateIntake({
  codec,
  held,
  skip,
}: {
  readonly codec: Codec<LateInteraction>;
  readonly held: Pick<RowsHeld, 'correct'>;
  readonly skip: (reason: 'undecodable', detail: string) => void;
}): LateIntake {
  const next: number[] = [];

  function decoded(value: Uint8Array): LateInteraction | undefined {
    try {
      return codec.decode(value);
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.class !== 'data') throw thrown;
      skip('undecodable', messageOf(thrown));
      return undefined;
    }
  }

  return {
    next,
    async prepare(records) {
      const values = records.filter(({ topic }) => topic === 'late').map(({ value }) => value);
      if (values.length > 0) await codec.prepare(values);
    },
    take({ partition, offset, value, headers }) {
      while (next.length <= partition) next.push(0);
      if (offset < next[partition]!) return;
      next[partition] = offset + 1;
      const correction = readCorrection(headers[CORRECTS]);
      const late = correction && value !== null ? decoded(value) : undefined;
      if (correction && late) held.correct({ ...late, correction });
    },
  };
}
