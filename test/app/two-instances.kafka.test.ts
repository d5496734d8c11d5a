import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import type { ControlRecord } from '../../src/app/control/control-log.js';
import { run } from '../cli/shell.js';
import { World } from './fixture.js';
import { healthUrl } from './probes.js';
import { startSluice } from './process-child.js';

const TOKEN = 'sixteen characters';
const world = new World(
  (name) => {
    const application = `two-${name}-${randomUUID().slice(0, 8)}`;
    const transport = { kind: 'kafka' as const, brokers: process.env['KAFKA_BROKERS']! };
    return { application, topics: { prefix: `${application}.`, partitions: 4 }, transport };
  },
  { selection: { scorer: 'uniform', budget: 0.5 } },
);
afterAll(() => world.remove());

/** Asks again, under the limit of the test, until something is so. */
async function until<T>(ask: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await ask();
    if (isSo(found)) return found;
    await systemClock.sleep(200);
  }
}

it('two instances on Kafka are watched and steered together: top, tap, status, reload and history', async () => {
  const tokenFile = join(world.folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`);
  const { config } = world.application({ http: { enabled: 'on', port: 0, control: true, tokenFile } });
  const file = join(world.folder, 'two.yaml');
  const write = (budget: number) =>
    writeFileSync(file, JSON.stringify({ ...config, selection: { ...config.selection, budget } }));
  write(0.5);
  const children = [0, 1].map(() => startSluice(['run', '--config', file, '--format', 'json', '--log-level', 'info']));
  onTestFinished(() => children.forEach((child) => child.signal('SIGKILL')));
  const urls = await Promise.all(children.map(healthUrl));
  const both = urls.flatMap((url) => ['--url', url]);

  // Each has a part of the four partitions.
  const owned = async (): Promise<number[]> =>
    Promise.all(
      urls.map(async (url) => {
        const text = await (await fetch(`${url}/metrics`)).text();
        return Number(/^sluice_partitions (\d+)/m.exec(text)?.[1] ?? 0);
      }),
    );
  expect(await until(owned, ([a, b]) => a! > 0 && b! > 0 && a! + b! === 4)).toEqual([2, 2]);

  const top = await run(['top', '--config', file, '--count', '1', ...both]);
  expect(top.stdout.match(/ running /g)).toHaveLength(2);

  // What comes in now is seen by the taps of both: sessions fall on all partitions, and either has a part of each round.
  const tapped = run(['tap', 'pseudonymise', '--config', file, '--limit', '200', ...both]);
  const lists = Array.from({ length: 60 }, (_, n) => ({
    requestId: `r${n}`,
    eventTimeMs: 1_750_000_000_000 + n,
    surface: 'SEARCH',
    sessionId: `session-${n}`,
    items: [{ itemId: 'a', position: 1 }],
  }));
  let isTapped = false;
  const tap = tapped.then((ran) => ((isTapped = true), ran));
  // A tap shows what passes after it began: events are sent again under new ids until it has enough.
  for (let round = 0; !isTapped; round++) {
    const folder = world.events(
      lists.map((list) => ({ ...list, requestId: `${list.requestId}-${round}` })),
      [],
    );
    await run(['send', folder, '--config', file]);
    await systemClock.sleep(500);
  }
  const rows = (await tap).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { partition: number });
  expect(rows).toHaveLength(200);
  expect(new Set(rows.map(({ partition }) => partition)).size).toBeGreaterThan(2);

  write(0.1);
  const reload = await run(['config', 'reload', '--config', file, '--reason', 'sale week', ...both]);
  expect(reload.status, reload.stderr).toBe(0);
  const budgets = await Promise.all(
    urls.map(async (url) => /^sluice_budget_fraction (\S+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]),
  );
  expect(budgets).toEqual(['0.1', '0.1']);

  const status = await run(['status', '--config', file, '--url', urls[0]!, '--format', 'json']);
  expect(JSON.parse(status.stdout)).toMatchObject({ application: config.application });

  // One leaves by an order; the other takes its partitions over.
  const drained = await fetch(`${urls[1]!}/api/control/drain`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ who: 'ana', why: 'the machine is needed' }),
  });
  expect(drained.status).toBe(200);
  expect((await children[1]!.ended).status).toBe(0);
  await until(
    async () => Number(/^sluice_partitions (\d+)/m.exec(await (await fetch(`${urls[0]!}/metrics`)).text())?.[1] ?? 0),
    (count) => count === 4,
  );

  const history = await run(['config', 'history', '--config', file, '--format', 'json']);
  const records = history.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ControlRecord);
  expect(records.map(({ action, outcome }) => `${action} ${outcome}`).sort()).toEqual([
    'drain done',
    'reload done',
    'reload done',
  ]);
  expect(new Set(records.map(({ instance }) => instance)).size).toBe(2);
});
