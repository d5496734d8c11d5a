/**
 * What open pages of the console cost the process that runs the stream: CPU time a second with so many event streams open
 * against none, in turns, on a run that has read its input and goes on.
 *
 *   npm run build && node test/bench/console.mjs [--pages 20] [--rounds 4] [--seconds 15]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '15' },
  },
});
const [pageCount, rounds, seconds] = [values.pages, values.rounds, values.seconds].map(Number);
const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;
/** Clock ticks a second in /proc. */
const TICKS = 100;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
const events = join(folder, 'events');
spawnSync(process.execPath, [MAIN, 'simulate', '--out', events, '--impressions', '30000', '--seed', '1']);
const sets = [
  `transport.path=${join(folder, 'store')}`,
  `privacy.keyFile=${join(folder, 'key')}`,
  'encoder.enabled=false',
  'http.enabled=on',
  'http.port=0',
].flatMap((set) => ['--set', set]);
const run = spawn(process.execPath, [MAIN, 'run', '--events', events, ...sets], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
try {
  let said = '';
  run.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const urlIn = () => /"url":"(http:[^"]+)"/.exec(said)?.[1];
  while (urlIn() === undefined) await sleep(100);
  await settled();
  const measured = { none: [], open: [] };
  for (let round = 0; round < rounds; round++) {
    measured.none.push(await cpuShare());
    const streams = await Promise.all(Array.from({ length: pageCount }, () => open(`${urlIn()}/api/live`)));
    measured.open.push(await cpuShare());
    for (const stream of streams) stream.close();
    const frames = streams.map(({ count }) => count());
    if (Math.min(...frames) < seconds / 2) throw new Error(`a page got only ${Math.min(...frames)} frames`);
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const [none, withPages] = [median(measured.none), median(measured.open)];
  const shown = (list) => list.map((share) => (1000 * share).toFixed(1)).join(', ');
  process.stdout.write(
    `CPU ms a second, none open: ${shown(measured.none)}; ${pageCount} pages: ${shown(measured.open)}\n` +
      `${pageCount} pages cost ${(1000 * (withPages - none)).toFixed(1)} ms of CPU a second\n`,
  );
} finally {
  run.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Waits until the input is read: two seconds in which hardly anything was done. */
async function settled() {
  for (;;) {
    const before = ticks();
    await sleep(2_000);
    if (ticks() - before < 20) return;
  }
}

async function cpuShare() {
  const [before, beganMs] = [ticks(), performance.now()];
  await sleep(seconds * 1000);
  return (ticks() - before) / TICKS / ((performance.now() - beganMs) / 1000);
}

/** CPU ticks of the process and its threads, user and system. */
function ticks() {
  const fields = readFileSync(`/proc/${run.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function open(url) {
  return new Promise((done, failed) => {
    const asked = get(url, { agent: false }, (answer) => {
      let frames = 0;
      answer.setEncoding('utf8').on('data', (text) => (frames += text.split('\n\n').length - 1));
      answer.on('error', () => undefined);
      done({ close: () => asked.destroy(), count: () => frames });
    });
    asked.on('error', failed);
  });
}
