import type { NewRecord } from '../../ports/transport.js';
import { encodeProgress } from '../progress/progress.js';
import type { Stage } from '../stage.js';

/** What a unit of work came to: the records of its transaction, outputs and parts of a checkpoint. */
export interface Committed {
  readonly recordCount: number;
}

export const commit: Stage<readonly NewRecord[], Committed> = {
  name: 'commit',
  does: 'outputs, both input offsets and the progress record in one transaction; nothing when nothing moved',
  takes: 'records',
  gives: 'records',
  async run(partition, outputs) {
    const deltas = partition.feed?.takeRecords() ?? [];
    const records = deltas.length > 0 ? [...outputs, ...deltas] : outputs;
    const { deps, journal, reorder, state } = partition;
    const { chunks, isTurn, neededFrom } = journal.takeCheckpoint(state.join.marks('emittedBefore'));
    const position = partition.position();
    const isDue = records.length + chunks.length > 0 || isTurn || position !== partition.committedPosition;
    if (isDue) {
      const { offsets } = reorder;
      await deps.lease.commit({
        records: chunks.length > 0 ? [...records, ...chunks] : records,
        offsets,
        progress: encodeProgress({ ...partition.currentProgress(), at: offsets }),
        ...(neededFrom ? { neededFrom } : {}),
      });
      partition.committedPosition = position;
    }
    journal.captureIfDue(state, reorder);
    partition.isDone = partition.isFinished();
    return { recordCount: records.length + chunks.length };
  },
  flow: ({ length }, { recordCount }) => ({ in: length, out: recordCount, refused: 0 }),
};
