import type { TrainingSample } from '../events/words.js';
import type { Hash32 } from '../ports/hash.js';

/** Newest ids that are remembered: some megabytes. */
const MOST_IDS = 65_536;

/**
 * Tells sample ids that samples of two sessions have. Within a partition the second list of a request id is refused; over
 * partitions only whoever reads the rows of all of them can see it. Both have the same coin, so as a rule both are kept.
 */
export class SharedIds {
  /** Session by sample id, both hashed, oldest first. */
  private readonly sessions = new Map<number, number>();

  constructor(
    private readonly hash: Hash32,
    private readonly mostIds = MOST_IDS,
  ) {}

  /** Takes a sample. @returns true when a sample of another session had its id, among the newest ones */
  isShared({ sampleId, sessionPseudonym, pseudonymKeyId }: TrainingSample): boolean {
    const id = this.hash(sampleId, 1) * 0x20_0000 + (this.hash(sampleId, 2) >>> 11);
    const session = this.hash(`${pseudonymKeyId} ${sessionPseudonym}`, 3);
    const before = this.sessions.get(id);
    if (before !== undefined) return before !== session;
    this.sessions.set(id, session);
    if (this.sessions.size > this.mostIds) this.sessions.delete(this.sessions.keys().next().value!);
    return false;
  }
}
