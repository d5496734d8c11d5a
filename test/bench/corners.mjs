// Where a stream could cost more than its length: `npm run build && node test/bench/corners.mjs [--n 20000]`. Each corner is run
// with n and with 2n events on the embedded store, without texts; prints the CPU seconds of both and their ratio. About 2 is
// linear, about 4 is quadratic.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noMetrics, silentLogger } from '../../dist/adapters/memory/index.js';
import { systemClock } from '../../dist/adapters/system/index.js';
import { runSluice } from '../../dist/app/run.js';
import { configSchema } from '../../dist/config/schema.js';
import { createHealthBoard } from '../../dist/observe/health-board.js';

const { values } = parseArgs({ options: { n: { type: 'string', default: '20000' } } });
const T0 = 1_700_000_000_000;
const list = (i, rest = {}, items = 1) => ({
  requestId: `r${i}`,
  eventTimeMs: T0 + i,
  surface: 'SEARCH',
  sessionId: `s${i}`,
  items: Array.from({ length: items }, (_, k) => ({ itemId: `i${i}-${k}`, position: k + 1 })),
  ...rest,
});
const click = (i, rest) => ({
  interactionId: `c${i}`,
  eventTimeMs: T0 + i + 1,
  type: 'CLICK',
  sessionId: `s${i}`,
  itemId: `i${i}-0`,
  ...rest,
});
const each = (n, make) => Array.from({ length: n }, (_, i) => make(i));

/** Lists and interactions of each corner, n events in all. */
const CORNERS = {
  'one session, every click of what it was shown last': (n) => [
    each(n / 2, (i) => list(i, { sessionId: 'hot' })),
    each(n / 2, (i) => click(i, { sessionId: 'hot' })),
  ],
  'one session, clicks of what it was never shown': (n) => [
    each(n / 2, (i) => list(i, { sessionId: 'hot' })),
    each(n / 2, (i) => click(i, { sessionId: 'hot', itemId: 'never' })),
  ],
  'lists of 1,000 items, clicks on the last': (n) => [
    each(n / 1_000, (i) => list(i, {}, 1_000)),
    each(n / 10, (i) => {
      const of = i % (n / 1_000);
      return click(of, { interactionId: `c${i}`, itemId: `i${of}-999`, requestId: `r${of}` });
    }),
  ],
  'interactions that name one unseen request': (n) => [
    each(n / 100, (i) => list(i)),
    each(n, (i) => click(i, { requestId: 'unseen', eventTimeMs: T0 + 1 })),
  ],
  'result pages of one request': (n) => [
    each(n / 2, (i) =>
      list(i, { requestId: 'one', sessionId: 'hot', items: [{ itemId: `i${i}-0`, position: i + 1 }] }),
    ),
    each(n / 2, (i) => click(i, { sessionId: 'hot', requestId: 'one' })),
  ],
  'a session and an item of its own for each list': (n) => [each(n, (i) => list(i)), each(n / 10, (i) => click(i, {}))],
  'one impression again and again': (n) => [each(n, () => list(1)), []],
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-corners-'));
let run = 0;

async function cpuSeconds(lists, acts) {
  const name = `c${run++}`;
  const events = join(folder, `${name}-events`);
  mkdirSync(events);
  const lines = (all) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
  writeFileSync(join(events, 'impressions.ndjson'), lines(lists));
  writeFileSync(join(events, 'interactions.ndjson'), lines(acts));
  const config = configSchema.parse({
    application: name,
    transport: { kind: 'embedded', path: join(folder, name) },
    privacy: { keyFile: join(folder, 'key') },
    encoder: { enabled: false },
    http: { enabled: 'off' },
    retrain: { everySamples: 1_000_000_000, everyMs: 0, proof: { enabled: false } },
    state: { checkpointEveryMs: 1_000 },
  });
  const before = process.cpuUsage();
  await runSluice(config, {
    eventsDir: events,
    untilEnd: true,
    signal: new AbortController().signal,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(systemClock),
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

try {
  const n = Number(values.n);
  await cpuSeconds(...CORNERS['one impression again and again'](1_000));
  for (const [title, make] of Object.entries(CORNERS)) {
    const [one, two] = [await cpuSeconds(...make(n)), await cpuSeconds(...make(2 * n))];
    console.log(`${title}: ${one.toFixed(2)} s, ${two.toFixed(2)} s, ratio ${(two / one).toFixed(1)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
