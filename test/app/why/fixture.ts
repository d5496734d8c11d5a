import { noMetrics, silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { whyEach, type WhyOptions } from '../../../src/app/why/why.js';
import type { WhyAnswer } from '../../../src/app/why/fate.js';
import { openParts } from '../../../src/app/wire.js';
import type { Fetched, InputName, PartitionLease, Transport } from '../../../src/ports/transport.js';
import type { Application } from '../fixture.js';

/** A transport whose leases give nothing beyond a fraction of what each input partition held when its lease was given. */
export function walled(transport: Transport, fraction: number): Transport {
  const join = transport.join.bind(transport);
  transport.join = (listener) =>
    join({
      assigned: async (lease) => {
        const ends = {
          impressions: (await transport.endOffsets('impressions'))[lease.partition]!,
          interactions: (await transport.endOffsets('interactions'))[lease.partition]!,
        };
        const wall = (input: InputName): number => Math.ceil(ends[input] * fraction);
        await listener.assigned(walledLease(lease, wall));
      },
      failed: (error) => listener.failed(error),
    });
  return transport;
}

function walledLease(lease: PartitionLease, wall: (input: InputName) => number): PartitionLease {
  return {
    partition: lease.partition,
    signal: lease.signal,
    committed: () => lease.committed(),
    seek: (offsets) => lease.seek(offsets),
    commit: (unit) => lease.commit(unit),
    async poll(input, maxBytes, waitMs): Promise<Fetched> {
      const { records, caughtUp } = await lease.poll(input, maxBytes, waitMs);
      const before = records.filter(({ offset }) => offset < wall(input));
      // Not caught up: that would be the end of the input, at which everything closes.
      if (before.length === 0 && !caughtUp) await systemClock.sleep(Math.min(waitMs, 5));
      return { records: before, caughtUp: false };
    },
  };
}

/** Asks an application's topics what became of some ids. */
export async function ask(
  application: Application,
  ids: readonly string[],
  options: WhyOptions = {},
  onRead: (count: number) => void = () => undefined,
): Promise<Omit<WhyAnswer, 'id'>> {
  const { config } = application;
  const deps = { logger: silentLogger, clock: systemClock, metrics: noMetrics };
  const parts = await openParts(config, deps);
  try {
    return await application.withTransport((transport) =>
      whyEach({ ...deps, config, transport, parts, signal: new AbortController().signal, onRead }, ids, options),
    );
  } finally {
    await parts.close();
  }
}
