import type { DeadLetter, LateInteraction } from '../../events/words.js';
import { takeClosed, type ClosedBatch } from '../close/close.js';
import type { Followed } from '../follow.js';
import type { LatePositive } from '../late-interaction.js';
import { MOST_SAMPLES_A_UNIT } from '../partition.js';
import type { Stage } from '../stage.js';

/** What goes out beside the samples. */
export interface Aside {
  readonly deadLetters: readonly DeadLetter[];
  readonly late: readonly LateInteraction[];
  readonly latePositives: readonly LatePositive[];
}

export interface Closed {
  readonly aside: Aside;
  readonly closed: ClosedBatch;
}

export const close: Stage<readonly Followed[], Closed> = {
  name: 'close',
  does: 'takes the impressions whose outcome is final, whole, but for those that nobody is held to have seen',
  takes: 'events',
  gives: 'samples',
  async run({ state: { join }, closedCount, counts, deps: { champion, config } }, followed) {
    const allowance = closedCount === 0 ? 0 : await champion.allowance(counts.samplesSeen);
    return {
      aside: {
        deadLetters: followed.flatMap(({ deadLetters }) => deadLetters),
        late: followed.flatMap(({ late }) => late),
        latePositives: followed.flatMap(({ latePositives }) => latePositives),
      },
      closed: takeClosed(join, config.label, Math.min(allowance, MOST_SAMPLES_A_UNIT)),
    };
  },
  flow: (_, { closed: { rowCount, unexaminedCount } }) => ({
    in: rowCount + unexaminedCount,
    out: rowCount,
    refused: 0,
  }),
  count(counts, { closed: { unexaminedCount } }) {
    counts.impressionsUnexamined += unexaminedCount;
  },
};
