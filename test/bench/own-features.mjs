/**
 * How well the champion learns from a declared feature: three made-up logs in which one number, one category or one vector
 * decides the clicks; AUC of the champion on the later half of the audit rows, beside that of the true click probabilities,
 * which no model can beat. Prints one line a log. Build first: npm run build && node test/bench/own-features.mjs [lists]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LISTS = Number(process.argv[2] ?? 6_000);
const DIMENSION = 32;
const BRANDS = 40;

/** Each log: what an item carries, the log-odds of its click, and the declaration. */
const LOGS = {
  number: {
    declared: [{ name: 'review', from: 'items.attributes.review', kind: 'number' }],
    make:
      ({ gauss }) =>
      () => {
        const x = gauss();
        return { item: { attributes: { review: x.toFixed(4), noise: gauss().toFixed(4) } }, logOdds: 1.8 * x - 3 };
      },
  },
  category: {
    declared: [{ name: 'brand', from: 'items.attributes.brand', kind: 'category', shown: true }],
    make: ({ gauss, draw }) => {
      const worth = Array.from({ length: BRANDS }, () => 1.5 * gauss());
      return () => {
        const brand = Math.floor(draw() * BRANDS);
        return { item: { attributes: { brand: `b${brand}`, sku: `s${draw()}` } }, logOdds: worth[brand] - 3 };
      };
    },
  },
  vector: {
    declared: [{ name: 'image', from: 'items.vectors.image', kind: 'vector', dimension: DIMENSION, as: ['values'] }],
    make: ({ gauss }) => {
      const direction = Array.from({ length: DIMENSION }, gauss);
      const length = Math.hypot(...direction);
      return () => {
        const values = Array.from({ length: DIMENSION }, gauss);
        const along = values.reduce((sum, x, i) => sum + x * direction[i], 0) / length;
        return { item: { vectors: [{ name: 'image', values }] }, logOdds: 1.8 * along - 3 };
      };
    },
  },
};

function chance(seed) {
  let state = seed >>> 0;
  const draw = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { draw, gauss: () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()) };
}

/** Writes the events of a log; the true click probability by sample id. */
function writeLog(folder, { make }) {
  const { draw, gauss } = chance(7);
  const next = make({ draw, gauss });
  const truth = new Map();
  const [lists, clicks] = [[], []];
  for (let l = 0; l < LISTS; l++) {
    const eventTimeMs = 1_700_000_000_000 + l * 2_000;
    const head = { requestId: `r${l}`, eventTimeMs, surface: 'SEARCH', sessionId: `s${Math.floor(l / 3)}` };
    const items = Array.from({ length: 10 }, (_, at) => {
      const { item, logOdds } = next();
      const itemId = `i${Math.floor(draw() * 500) * 10 + at}`;
      const probability = 1 / (1 + Math.exp(-logOdds));
      truth.set(`r${l}#${at + 1}`, probability);
      if (draw() < probability)
        clicks.push({
          interactionId: `c${clicks.length}`,
          eventTimeMs: eventTimeMs + 1_000,
          type: 'CLICK',
          sessionId: head.sessionId,
          requestId: head.requestId,
          itemId,
        });
      return { itemId, position: at + 1, ...item };
    });
    lists.push({ ...head, items });
  }
  const text = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(join(folder, 'impressions.ndjson'), text(lists));
  writeFileSync(join(folder, 'interactions.ndjson'), text(clicks));
  return truth;
}

function sluice(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`sluice ${args[0]} ended with ${status}\n${stderr}`);
  return stdout;
}

/** Chance that a positive scores above a negative, ties counting half. */
function aucOf(scores, labels) {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let [rankSum, positives] = [0, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    for (let at = from; at < to; at++)
      if (labels[order[at]] === 1) {
        rankSum += (from + to + 1) / 2;
        positives++;
      }
    from = to;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}

function championOf(folder, name, declared) {
  const config = join(folder, `${name}.yaml`);
  const settings = {
    transport: { path: join(folder, name) },
    privacy: { keyFile: join(folder, 'key') },
    http: { enabled: 'off' },
    encoder: { enabled: false },
    join: { attributionWindowMs: 60_000 },
    retrain: { everySamples: 5_000, proof: { enabled: false } },
    features: { declared },
  };
  writeFileSync(config, JSON.stringify(settings));
  sluice('run', '--config', config, '--events', folder, '--until-end');
  const rows = sluice('dump', 'audit', '--config', config, '--format', 'ndjson').trim().split('\n').map(JSON.parse);
  return rows.slice(rows.length / 2);
}

for (const [name, log] of Object.entries(LOGS)) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-own-'));
  try {
    const truth = writeLog(folder, log);
    const rows = championOf(folder, 'declared', log.declared);
    const plain = championOf(folder, 'plain', []);
    const auc = (of, score) =>
      aucOf(
        of.map(score),
        of.map(({ label }) => label),
      ).toFixed(3);
    const predicted = ({ prediction }) => prediction ?? 0;
    console.log(
      `${name}: ${auc(rows, predicted)} with the declaration, ${auc(plain, predicted)} without, ` +
        `${auc(rows, ({ sampleId }) => truth.get(sampleId))} at best (${rows.length} audit rows, ${LISTS * 10} impressions)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
