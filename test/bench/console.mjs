/**
 * What open pages of the console cost the process that runs the stream, while it runs as fast as it can. CPU time of whole
 * runs differs by more than a page costs, so the share is read off a profile: samples below the code that makes frames and
 * sends them, of those in which the process was busy. A frame is made once a second however fast the stream is, so the share
 * is told for a rate.
 *
 *   npm run build && node test/bench/console.mjs [--impressions 600000] [--rate 50000]
 *
 * `--chromium PATH` (default /usr/bin/chromium): the page itself in a headless browser, as one more way to watch.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values } = parseArgs({
  options: {
    impressions: { type: 'string', default: '600000' },
    rate: { type: 'string', default: '50000' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const [impressions, rate] = [values.impressions, values.rate].map(Number);
/** Loading code and opening pages are over by then. */
const SETTLE_MS = 5_000;
const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
const settings = (application) =>
  [
    `application=${application}`,
    `transport.path=${join(folder, 'store')}`,
    `privacy.keyFile=${join(folder, 'key')}`,
    'encoder.enabled=false',
    // No fit falls due while the stream is timed.
    'retrain.everySamples=1000000000',
    'retrain.everyMs=0',
    'retrain.onDrift=false',
    'retrain.proof.enabled=false',
    'http.enabled=on',
    'http.port=0',
  ].flatMap((set) => ['--set', set]);

const WAYS = [
  { name: 'none open', open: () => Promise.resolve(() => undefined) },
  { name: '1 reader', open: (url) => readers(url, 1) },
  { name: '20 readers', open: (url) => readers(url, 20) },
  ...(existsSync(values.chromium) ? [{ name: '1 page in Chromium', open: (url) => page(url) }] : []),
];
try {
  const events = join(folder, 'events');
  must('simulate', '--out', events, '--impressions', values.impressions, '--seed', '1');
  must('send', events, ...settings('way-0'));
  for (const [at, { name, open }] of WAYS.entries()) {
    const { cpuSeconds, wallSeconds, share } = await watched(`way-${at}`, open);
    const cpu = (1e6 * cpuSeconds) / impressions;
    // CPU a second of wall time goes to frames; at another rate it is another share of the whole.
    const frames = (share * cpuSeconds) / wallSeconds;
    process.stdout.write(
      `${name}: ${cpu.toFixed(1)} µs of CPU an impression, ${Math.round(impressions / wallSeconds)} impressions/s; ` +
        `console ${(1000 * frames).toFixed(1)} ms a second, ${((100 * frames) / (rate * cpu * 1e-6)).toFixed(2)} % of what ${rate} impressions/s take\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs an application over all events with pages open, and looks into its profile. */
async function watched(application, open) {
  const profiles = join(folder, application);
  mkdirSync(profiles);
  const words = ['--cpu-prof', '--cpu-prof-dir', profiles, MAIN, 'run', '--until-end', ...settings(application)];
  const beganMs = performance.now();
  const run = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  let cpuMs = 0;
  run.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((done) => run.once('exit', done));
  const urlIn = () => /"url":"(http:[^"]+)"/.exec(said)?.[1];
  while (urlIn() === undefined && run.exitCode === null) await sleep(50);
  const close = await open(urlIn());
  const looking = setInterval(() => (cpuMs = cpuMsOf(run.pid) ?? cpuMs), 100);
  const status = await ended;
  clearInterval(looking);
  const frames = (await close()) ?? [];
  if (Math.min(...frames) < 10) throw new Error(`a reader got only ${Math.min(...frames)} frames`);
  if (status !== 0) throw new Error(said);
  const wallSeconds = (performance.now() - beganMs) / 1000;
  const files = readdirSync(profiles).map((file) => JSON.parse(readFileSync(join(profiles, file), 'utf8')));
  // The run's own thread is the busiest.
  const [{ share }] = files.map(shareOf).sort((left, right) => right.busy - left.busy);
  // A profile takes time for CPU time, also where others had the core: its shares are right and its seconds are not.
  return { cpuSeconds: cpuMs / 1000, wallSeconds, share };
}

/** CPU time of a process so far, ms; undefined once it has ended. */
function cpuMsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return undefined;
  }
}

/** Code that works only while a page is open; the tally of decisions goes on without one. */
function isOfConsole({ url, functionName }) {
  if (/app\/console\/(live-run|selection-tally|open-console)/.test(url)) return false;
  if (/adapters\/prometheus/.test(url)) return functionName === 'seriesOf' || functionName === 'read';
  return /dist\/(app\/console|adapters\/http)|node_modules\/fastify/.test(url);
}

/** How long a thread was not idle, and the share of the console in that. */
function shareOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const ofConsole = new Map();
  const isBelow = (id) => {
    if (id === undefined) return false;
    if (!ofConsole.has(id)) ofConsole.set(id, isOfConsole(byId.get(id).callFrame) || isBelow(parents.get(id)));
    return ofConsole.get(id);
  };
  let [ageMs, busy, own] = [0, 0, 0];
  samples.forEach((id, at) => {
    ageMs += timeDeltas[at] / 1000;
    if (ageMs < SETTLE_MS || byId.get(id).callFrame.functionName === '(idle)') return;
    busy += timeDeltas[at];
    if (isBelow(id)) own += timeDeltas[at];
  });
  return { busy, share: own / busy };
}

async function readers(url, count) {
  const asked = await Promise.all(Array.from({ length: count }, () => reader(`${url}/api/live`)));
  return () => asked.map(({ end }) => end());
}

function reader(url) {
  return new Promise((done, failed) => {
    const asked = get(url, { agent: false }, (answer) => {
      let frames = 0;
      answer.setEncoding('utf8').on('data', (text) => (frames += text.split('event: frame').length - 1));
      answer.on('error', () => undefined);
      const end = () => {
        asked.destroy();
        return frames;
      };
      done({ end });
    });
    asked.on('error', failed);
  });
}

async function page(url) {
  const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] });
  await (await browser.newPage()).goto(url);
  return () => void browser.close();
}

function must(...words) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words[0]} ended with ${status}: ${stderr}`);
}
