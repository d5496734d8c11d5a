/**
 * What histories cost: CPU per impression of a run without and with them, in turns, and bytes a row of a dump. Prints one
 * line a kind. Build first: npm run build && node test/bench/history.mjs [impressions]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const IMPRESSIONS = Number(process.argv[2] ?? 120_000);
const TURNS = 3;
const KINDS = {
  none: {},
  'session.acted 20': { session: { acted: 20 } },
  'session.acted 20, user.acted 50': { session: { acted: 20 }, user: { acted: 50 } },
  'and 20 shown of both': { session: { acted: 20, shown: 20 }, user: { acted: 50, shown: 20 } },
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-history-'));
const main = (...words) =>
  execFileSync(process.execPath, [MAIN, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });

/** Seconds of CPU of a whole run, its start left out. */
function cpuSeconds(...words) {
  const script = `TIMEFORMAT='%U %S'; time "$@" >accounting 2>log`;
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, MAIN, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stderr
    .trim()
    .split(/\s+/)
    .slice(-2)
    .map(Number)
    .reduce((sum, one) => sum + one);
}

try {
  main('simulate', '--out', 'events', '--impressions', String(IMPRESSIONS), '--seed', '1');
  const taken = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  const bytes = {};
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [kind, history] of Object.entries(KINDS)) {
      const config = {
        transport: { path: 'store' },
        privacy: { keyFile: 'key' },
        encoder: { enabled: false },
        retrain: { everySamples: 1_000_000_000, everyMs: 86_400_000, proof: { enabled: false } },
        features: { history },
      };
      writeFileSync(join(folder, 'sluice.yaml'), JSON.stringify(config));
      rmSync(join(folder, 'store'), { recursive: true, force: true });
      taken[kind].push(
        cpuSeconds('run', '--config', 'sluice.yaml', '--events', 'events', '--until-end', '--format', 'json'),
      );
      if (turn > 0) continue;
      for (const format of ['ndjson', 'parquet'])
        main('dump', 'training', '--config', 'sluice.yaml', '--format', format, '--out', `rows.${format}`);
      const rows = readFileSync(join(folder, 'rows.ndjson'), 'utf8').split('\n').length - 1;
      bytes[kind] = ['ndjson', 'parquet'].map((format) =>
        Math.round(statSync(join(folder, `rows.${format}`)).size / rows),
      );
    }
  }
  console.log(`${IMPRESSIONS} impressions, ${TURNS} runs of each in turns, load ${loadavg()[0].toFixed(1)}`);
  for (const [kind, seconds] of Object.entries(taken)) {
    const micros = seconds.map((one) => ((1e6 * one) / IMPRESSIONS).toFixed(1));
    console.log(
      `${kind}: CPU ${micros.join(', ')} µs an impression; ${bytes[kind][0]} bytes a row in NDJSON, ${bytes[kind][1]} in Parquet`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
