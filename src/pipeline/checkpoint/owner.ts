import type { Config } from '../../config/schema.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import type { PartitionLease } from '../../ports/transport.js';

/**
 * Whose records in the checkpoints topic: applications that read the same topics share it, and none may read or replace what
 * another one has written.
 */
export interface Owner {
  readonly application: string;
  readonly partition: number;
}

/** The owner that a partition's dependencies name. */
export function ownerOf(deps: {
  readonly config: Pick<Config, 'application'>;
  readonly lease: Pick<PartitionLease, 'partition'>;
}): Owner {
  return { application: deps.config.application, partition: deps.lease.partition };
}

/** Header that names the application. */
export const APPLICATION_HEADER = ROW_HEADERS.application;

/** Begins the keys of an owner's records; the partition is theirs, too, whatever partition of the topic they lie in. */
export function keyPrefix({ application, partition }: Owner): string {
  return `${application}/${partition}/`;
}
