import type { Counts } from '../pipeline/progress/counts.js';
import type { Logger } from '../ports/logger.js';

/** Says once a process that producers put session or user ids into the ids of requests, impressions or interactions. */
export class IdentifyingIds {
  private isSaid = false;

  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  /** Takes the counts of a partition after a unit of work. */
  observe({ identifyingIds }: Pick<Counts, 'identifyingIds'>): void {
    if (this.isSaid || identifyingIds === 0) return;
    this.isSaid = true;
    this.logger.warn(
      'ids of requests, impressions or interactions contain the session or user id: those go out as pseudonyms; `sluice key pseudonym` gives the same for an id of your logs',
      { messages: identifyingIds },
    );
  }
}
