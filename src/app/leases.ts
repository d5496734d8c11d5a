import { Observable } from 'rxjs';
import type { Ailing, PartitionLease, Transport } from '../ports/transport.js';

/** A partition that was handed to this instance. */
export interface Assignment {
  readonly lease: PartitionLease;
  /** Says that its owner is done with it; the transport waits for that before it gives the partition to another. */
  readonly release: () => void;
}

/** Who is told of the membership. */
export interface Membership {
  joined(): void;
  /** Something of the transport has failed or been silent for half of the patience; null once it works again. */
  ailing(what: Ailing, reason: string | null): void;
  /** The transport cannot go on; told here when the stream of leases has ended before. */
  failed(thrown: unknown): void;
}

/**
 * Joins the application's group and emits the partitions it hands to this instance. Fails when the transport cannot go on.
 * Never completes, and leaves no group: leaving takes time, and has a bound of its own. A partition that comes after the
 * unsubscribe is released at once.
 */
export function leasesOf(transport: Pick<Transport, 'join'>, membership: Membership): Observable<Assignment> {
  return new Observable((subscriber) => {
    const assigned = (lease: PartitionLease): Promise<void> =>
      new Promise((release) => {
        if (subscriber.closed) release();
        else subscriber.next({ lease, release });
      });
    const failed = (thrown: unknown): void => {
      if (subscriber.closed) membership.failed(thrown);
      else subscriber.error(thrown);
    };
    const ailing = membership.ailing.bind(membership);
    transport.join({ assigned, ailing, failed }).then(() => membership.joined(), failed);
  });
}
