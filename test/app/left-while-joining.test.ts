import { describe, expect, it } from 'vitest';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { ErrorCount } from '../../src/app/observed/error-count.js';
import { ObservedTransport } from '../../src/app/observed/observed-transport.js';
import { RepartitionedTransport } from '../../src/app/repartition/repartitioned-transport.js';
import type { AssignmentListener, Transport } from '../../src/ports/transport.js';
import { configOf } from '../pipeline/kit.js';

/** A transport that says how often it was joined; whatever it is asked waits until `go` is called. */
function slow(): { readonly transport: Transport; readonly joins: () => number; readonly go: () => void } {
  let joins = 0;
  let go: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (go = resolve));
  const transport: Partial<Transport> = {
    partitionCount: () => gone.then(() => 1),
    join: () => {
      joins++;
      return gone;
    },
    leave: () => Promise.resolve(),
  };
  return { transport: transport as Transport, joins: () => joins, go };
}

const listener: AssignmentListener = { assigned: () => Promise.resolve(), failed: () => undefined };
const metrics = new RecordingMetrics();

describe('a transport that is left while it joins', () => {
  it('joins no second group: the one behind the repartition step comes first, then the one before it', async () => {
    const [before, behind] = [slow(), slow()];
    const deps = { config: configOf({}), gate: () => ({}) as never, clock: systemClock, logger: silentLogger, metrics };
    const transport = new RepartitionedTransport(before.transport, behind.transport, deps);
    const joining = transport.join(listener);
    await transport.leave();
    behind.go();
    await joining;
    expect([behind.joins(), before.joins()]).toEqual([1, 0]);

    const again = transport.join(listener);
    before.go();
    await again;
    expect([behind.joins(), before.joins()]).toEqual([2, 1]);
  });

  it('is not joined by what observes it', async () => {
    const inner = slow();
    const on = { metrics, errors: new ErrorCount(metrics), clock: systemClock };
    const transport = new ObservedTransport(inner.transport, on);
    const joining = transport.join(listener);
    await transport.leave();
    inner.go();
    await joining;
    expect(inner.joins()).toBe(0);
  });
});
