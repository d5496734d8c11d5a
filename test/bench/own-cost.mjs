/**
 * What a team's own features cost: CPU an impression and bytes a row, with 100 declared numbers and a vector of 64 an item
 * beside the same messages undeclared and messages without them. Runs take turns; medians. CPU is that of a long run less that
 * of a short one, so that starting counts nowhere. Build first:
 * npm run build && node test/bench/own-cost.mjs [lists] [turns]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../dist/adapters/system/index.js';
import { silentLogger } from '../../dist/adapters/memory/index.js';
import { openTransport } from '../../dist/app/wire.js';
import { requireConfig } from '../../dist/config/load.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LISTS = Number(process.argv[2] ?? 6_000);
const TURNS = Number(process.argv[3] ?? 3);
const [NUMBERS, DIMENSION, ITEMS, SHORT] = [100, 64, 10, 4];

const numbers = Array.from({ length: NUMBERS }, (_, n) => ({ name: `n${n}`, from: `items.own.n${n}`, kind: 'number' }));
const vectorAs = (use) => ({ name: 'v', from: 'items.vectors.image', kind: 'vector', dimension: DIMENSION, as: use });
const CASES = {
  'nothing sent': { sent: 'bare', declared: [] },
  'sent, not declared': { sent: 'full', declared: [] },
  'numbers declared': { sent: 'full', declared: numbers },
  'numbers, vector as interest, list': { sent: 'full', declared: [...numbers, vectorAs(['interest', 'list'])] },
  'numbers, vector as values': { sent: 'full', declared: [...numbers, vectorAs(['values'])] },
};

let state = 7;
function draw() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
const number = () => Number((draw() * 10 - 5).toFixed(4));

const root = mkdtempSync(join(tmpdir(), 'sluice-own-cost-'));
try {
  writeEvents();
  const cpu = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++)
    for (const name of Object.keys(CASES)) {
      const [long, short] = ['long', 'short'].map((length) => run(`${turn}`, name, length).cpuSeconds);
      cpu[name].push(((long - short) * 1e6) / (LISTS * ITEMS * (1 - 1 / SHORT)));
    }
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  console.log(`load ${loadavg()[0].toFixed(0)}, ${LISTS * ITEMS} impressions, medians of ${TURNS}`);
  for (const [name, values] of Object.entries(cpu)) {
    const ratio = median(values) / median(cpu['nothing sent']);
    console.log(
      `${name}: ${median(values).toFixed(1)} µs (${ratio.toFixed(2)} of the first; ${values.map((v) => v.toFixed(1)).join(', ')})`,
    );
  }
  for (const name of Object.keys(CASES)) console.log(`${name}: bytes a row ${JSON.stringify(await bytesOf(name))}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}

function writeEvents() {
  const lists = { bare: [], full: [] };
  const clicks = [];
  for (let l = 0; l < LISTS; l++) {
    const head = {
      requestId: `r${l}`,
      eventTimeMs: 1_700_000_000_000 + l * 2_000,
      surface: 'SEARCH',
      sessionId: `s${Math.floor(l / 3)}`,
    };
    const items = Array.from({ length: ITEMS }, (_, at) => ({
      itemId: `i${Math.floor(draw() * 500) * ITEMS + at}`,
      position: at + 1,
    }));
    const own = () => Object.fromEntries(numbers.map(({ name }) => [name, number()]));
    const vectors = () => [{ name: 'image', values: Array.from({ length: DIMENSION }, number) }];
    lists.bare.push({ ...head, items });
    lists.full.push({ ...head, items: items.map((item) => ({ ...item, own: own(), vectors: vectors() })) });
    for (const { itemId } of items)
      if (draw() < 0.05)
        clicks.push({
          interactionId: `c${clicks.length}`,
          eventTimeMs: head.eventTimeMs + 1_000,
          type: 'CLICK',
          sessionId: head.sessionId,
          requestId: head.requestId,
          itemId,
        });
  }
  const text = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const newest = { long: LISTS, short: LISTS / SHORT };
  for (const [sent, all] of Object.entries(lists))
    for (const [length, count] of Object.entries(newest)) {
      const folder = join(root, `${sent}-${length}`);
      mkdirSync(folder);
      const some = all.slice(0, count);
      writeFileSync(join(folder, 'impressions.ndjson'), text(some));
      const untilMs = some.at(-1).eventTimeMs + 1_000;
      writeFileSync(
        join(folder, 'interactions.ndjson'),
        text(clicks.filter(({ eventTimeMs }) => eventTimeMs <= untilMs)),
      );
    }
}

/** Runs the events of a case to their end; CPU seconds of the process, and its config. */
function run(turn, name, length, outputFormat = 'json') {
  const { sent, declared } = CASES[name];
  const store = join(root, `store-${turn}-${Object.keys(CASES).indexOf(name)}-${length}`);
  const config = `${store}.yaml`;
  writeFileSync(
    config,
    JSON.stringify({
      transport: { path: store },
      privacy: { keyFile: join(root, 'key') },
      http: { enabled: 'off' },
      encoder: { enabled: false },
      join: { attributionWindowMs: 60_000 },
      // No model is fitted: what is measured is the stream.
      retrain: { everySamples: 1_000_000_000, proof: { enabled: false } },
      features: { declared },
      wire: { outputFormat },
    }),
  );
  const command = `TIMEFORMAT='CPU %U %S'; time "$0" "$@"`;
  const words = [MAIN, 'run', '--config', config, '--events', join(root, `${sent}-${length}`), '--until-end'];
  const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, ...words, '--format', 'json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const found = /CPU ([\d.]+) ([\d.]+)/.exec(stderr);
  if (status !== 0 || !found) throw new Error(stderr);
  if (turn !== 'bytes') rmSync(store, { recursive: true });
  return { cpuSeconds: Number(found[1]) + Number(found[2]), config };
}

/** Bytes a training row: on the topic in JSON and Avro, in dumps of CSV, Parquet and Arrow. */
async function bytesOf(name) {
  const bytes = {};
  for (const format of ['json', 'avro']) {
    const { config } = run('bytes', name, 'short', format);
    const parsed = requireConfig({ file: config, env: {}, sets: [] }, () => undefined);
    const transport = openTransport(parsed, { logger: silentLogger, clock: systemClock });
    await transport.prepare();
    const reader = await transport.reader(['training'], 'earliest');
    let [rows, sum] = [0, 0];
    while (!(await reader.caughtUp()))
      for (const { value } of await reader.poll(200)) {
        rows++;
        sum += value.length;
      }
    await reader.close();
    await transport.close();
    bytes[format] = Math.round(sum / rows);
    bytes.rows = rows;
    if (format === 'json')
      for (const table of ['csv', 'parquet', 'arrow']) {
        const out = `${config}.${table}`;
        const words = [MAIN, 'dump', 'training', '--config', config, '--format', table, '--out', out];
        const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
        if (status !== 0) throw new Error(stderr);
        bytes[table] = Math.round(statSync(out).size / rows);
      }
    rmSync(parsed.transport.path, { recursive: true });
  }
  return bytes;
}
