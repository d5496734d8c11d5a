import { seededRandom } from '../../src/adapters/system/index.js';
import type { Random } from '../../src/ports/random.js';
import type { PartitionLease, Transport } from '../../src/ports/transport.js';

/** Every poll and commit of every partition takes some turns of the event loop longer, by chance. */
export function dragged(transport: Transport, seed: number): Transport {
  const join = transport.join.bind(transport);
  transport.join = (listener) =>
    join({
      assigned: (lease) => listener.assigned(draggedLease(lease, seededRandom(seed * 31 + lease.partition))),
      failed: (error) => listener.failed(error),
    });
  return transport;
}

function draggedLease(lease: PartitionLease, random: Random): PartitionLease {
  // One partition is now much slower than the other, now much faster.
  let most = 0;
  const drag = async (): Promise<void> => {
    if (random() < 0.1) most = [0, 3, 40, 300][Math.floor(random() * 4)]!;
    for (let turns = Math.floor(random() * most); turns > 0; turns--) await new Promise(setImmediate);
  };
  return {
    partition: lease.partition,
    signal: lease.signal,
    committed: () => lease.committed(),
    seek: (offsets) => lease.seek(offsets),
    async poll(input, maxBytes, waitMs) {
      await drag();
      return lease.poll(input, maxBytes, waitMs);
    },
    async commit(unit) {
      await drag();
      await lease.commit(unit);
      await drag();
    },
  };
}
