import { randomUUID } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { runSluice } from '../../src/app/run.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { brokers } from '../adapters/kafka/fixture.js';
import { World } from './fixture.js';

const SHOWN_MS = Date.UTC(2026, 0, 5);
const STEP_MS = 1_000;
/** More than speak for the first event of a topic. */
const LISTS = 60;

const world = new World(
  (name) => {
    const application = `${name}-${randomUUID().slice(0, 8)}`;
    return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
  },
  { join: { attributionWindowMs: 5_000, allowedLatenessMs: 1_000, idleTimeoutMs: 1_000 } },
);
afterAll(() => world.remove());

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const listAt = (n: number, step: number): NewRecord => ({
  topic: 'impressions',
  key: Buffer.from('s'),
  value: json({
    requestId: `request-${n}`,
    sessionId: 's',
    eventTimeMs: SHOWN_MS + step * STEP_MS,
    surface: 'SEARCH',
    items: [{ itemId: 'a', position: 1 }],
  }),
});
const clickAt = (n: number, step: number): NewRecord => ({
  topic: 'interactions',
  key: Buffer.from('s'),
  value: json({
    interactionId: `click-${n}-${step}`,
    sessionId: 's',
    eventTimeMs: SHOWN_MS + step * STEP_MS,
    type: 'CLICK',
    itemId: 'a',
    requestId: `request-${n}`,
  }),
});

it('a batch of events older than the watermark, after a silence and with nothing behind it, is decided', async () => {
  const application = world.application();
  const send = (records: readonly NewRecord[]): Promise<void> =>
    application.withTransport((transport) => transport.append(records));
  const metrics = new RecordingMetrics();
  const ended = new AbortController();
  const run = runSluice(application.config, {
    untilEnd: false,
    signal: ended.signal,
    logger: silentLogger,
    metrics,
    health: createHealthBoard(systemClock),
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    const failed = run.then(() => {
      throw new Error('the run has ended');
    });
    while (!isSo()) await Promise.race([systemClock.sleep(100), failed]);
  };
  const fates = (fate: string): number => metrics.total('sluice_interactions_total', { fate });

  await send(Array.from({ length: LISTS }, (_, n) => listAt(n, n)));
  await send(Array.from({ length: LISTS }, (_, n) => clickAt(n, n)));
  // The silence lasts until the wall clock has moved the watermark past every window.
  await until(() => fates('joined') === LISTS && metrics.latest('sluice_open_impressions') === 0);
  await send([clickAt(0, 2), clickAt(1, 3)]);
  await until(() => fates('late') === 2);
  await send(Array.from({ length: 5 }, (_, n) => listAt(100 + n, n)));
  await until(() => metrics.total('sluice_dead_letters_total') === 5);
  ended.abort();
  expect((await run).interactions).toMatchObject({ joined: LISTS, late: 2, unmatched: 0 });
});
