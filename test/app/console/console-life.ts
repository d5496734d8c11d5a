import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { openObservation } from '../../../src/app/observation.js';
import { runSluice } from '../../../src/app/run.js';
import { openTransport } from '../../../src/app/wire.js';
import type { Frame, ProofView } from '../../../src/console/api.js';
import { simulateToFiles } from '../../../src/lab/simulate/index.js';
import { embedded, World } from '../fixture.js';

const PATIENCE_MS = 200_000;

/** What stands in a request of the life below, in words that are wide. */
export const WIDE = { requestId: '请求-红色连衣裙', itemId: '商品-红色连衣裙', category: '女装' } as const;

/** A run with a console, on simulated events. */
export interface ConsoleLife {
  readonly url: string;
  readonly partitionCount: number;
  /** Asks the API. */
  get<T>(path: string): Promise<T>;
  /** Asks again and again until it holds. @throws with the last answer */
  until<T>(path: string, holds: (answer: T) => boolean): Promise<T>;
  /** All is processed: a model scores, a proof is made, nothing comes any more. */
  settled(): Promise<void>;
  /** Ends the run; the server stays. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Begins a run that reads 22,000 impressions, fits and makes a proof. @param token whoever brings it may change something */
export async function startLife(token?: string): Promise<ConsoleLife> {
  const partitionCount = 2;
  const world = new World(embedded, {
    topics: { partitions: partitionCount },
    join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000, idleTimeoutMs: 500 },
    http: { enabled: 'on', port: 0 },
    batch: { maxBytes: 200_000, lingerMs: 100 },
    selection: { budget: 0.4, auditFraction: 0.3 },
    // So short a life has models that are off; one has to score all the same.
    retrain: {
      pace: 'wait',
      everySamples: 6_000,
      guards: { calibration: 100 },
      proof: { minPositives: 20, repeats: 2 },
    },
  });
  const tokenFile = join(world.folder, 'token');
  if (token !== undefined) writeFileSync(tokenFile, token);
  const { config } = world.application({
    http: { enabled: 'on', port: 0, ...(token === undefined ? {} : { control: true, tokenFile }) },
  });
  const events = join(world.folder, 'life');
  await simulateToFiles({ folder: events, impressionCount: 22_000, seed: 5, itemCount: 200, malformedFraction: 0.01 });
  addWide(join(events, 'impressions.ndjson'));

  const stop = new AbortController();
  const steering = {
    reload: () => ({ outcome: 'unchanged', applied: [], heldBack: [], problems: '' }) as const,
    drain: () => stop.abort(),
  };
  const observation = await openObservation(config, silentLogger, systemClock, false, { config }, steering);
  const { metrics, health, watcher } = observation;
  let failure: unknown;
  const ended = runSluice(config, {
    eventsDir: events,
    untilEnd: false,
    signal: stop.signal,
    logger: silentLogger,
    metrics,
    health,
    ...(watcher ? { watcher } : {}),
    transport: openTransport(config, { logger: silentLogger, clock: systemClock }),
  }).then(
    () => undefined,
    (thrown: unknown) => void (failure = thrown),
  );
  const life: ConsoleLife = {
    url: observation.url!,
    partitionCount,
    get: async <T>(path: string) => (await (await fetch(`${observation.url}${path}`)).json()) as T,
    async until<T>(path: string, holds: (answer: T) => boolean) {
      const untilMs = systemClock.monotonicMs() + PATIENCE_MS;
      for (;;) {
        const answer = await life.get<T>(path);
        if (holds(answer)) return answer;
        if (failure !== undefined) throw failure;
        if (systemClock.monotonicMs() > untilMs) throw new Error(`still not: ${JSON.stringify(answer)}`);
        await systemClock.sleep(200);
      }
    },
    async settled() {
      await life.until<ProofView>('/api/proof', ({ proofs = [] }) =>
        proofs.some(({ proof }) => proof.status === 'proved'),
      );
      await life.until<Frame>(
        '/api/frame',
        ({ flow, point }) =>
          point.samplesPerSecond === 0 && flow.waiting.order.count === 0 && flow.waiting.close.count === 0,
      );
    },
    async stop() {
      stop.abort();
      await ended;
      if (failure !== undefined) throw failure;
    },
    async close() {
      await life.stop().finally(() => observation.close());
      world.remove();
    },
  };
  return life;
}

/** One more list of twenty items, shown with the first one. */
function addWide(file: string): void {
  const [first, ...others] = readFileSync(file, 'utf8').split('\n');
  const { eventTimeMs } = JSON.parse(first!) as { eventTimeMs: number };
  const items = Array.from({ length: 20 }, (_, at) => ({
    itemId: `${WIDE.itemId}-${at + 1}`,
    position: at + 1,
    category: WIDE.category,
  }));
  const list = { requestId: WIDE.requestId, eventTimeMs, surface: 'SEARCH', sessionId: 'wide', items };
  writeFileSync(file, [first, JSON.stringify(list), ...others].join('\n'));
}
