import type { UnitOfWork } from '../../ports/transport.js';
import type { CommittedUnit } from './committed.js';

/** Commits the units of one partition, in one of the ways of `transport.delivery`. */
export interface Committer {
  /** The last committed unit, as read on opening or committed since. */
  readonly committed: CommittedUnit;
  /** The newer of the last unit committed here and one read from the coordinator. */
  newest(found: CommittedUnit): CommittedUnit;
  /** Throws `fenced` when another owner took over, `kafka-failed` or `kafka-unreachable` after retries for `transport.stuckAfterMs`. */
  commit(unit: UnitOfWork): Promise<void>;
  close(): Promise<void>;
}

/** The position of one input in a commit. */
export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string;
}
