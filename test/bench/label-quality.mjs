/**
 * How well label quality tells bots from people: simulates traffic in which some sessions click everything (or takes a
 * folder of real events), runs the processor with everything kept, and counts flags by sample and by session.
 *
 *     node test/bench/label-quality.mjs --impressions 200000 --bots 0.02
 *     node test/bench/label-quality.mjs --events FOLDER
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    impressions: { type: 'string', default: '200000' },
    bots: { type: 'string', default: '0.02' },
    seed: { type: 'string', default: '3' },
    events: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'sluice-quality-'));
const sluice = (...words) =>
  execFileSync(process.execPath, [main, ...words], {
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
const linesOf = (path) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

try {
  const events = values.events ?? join(folder, 'events');
  if (!values.events)
    sluice(
      'simulate',
      '--out',
      events,
      '--impressions',
      values.impressions,
      '--bots',
      values.bots,
      '--seed',
      values.seed,
    );
  const config = join(folder, 'sluice.yaml');
  writeFileSync(
    config,
    `application: quality
transport: { path: ${join(folder, 'store')} }
privacy: { keyFile: ${join(folder, 'key')} }
encoder: { enabled: false }
selection: { budget: 1, auditFraction: 0.1 }
`,
  );
  const given = values.set.flatMap((set) => ['--set', set]);
  const accounting = JSON.parse(
    sluice('run', '--config', config, '--events', events, '--until-end', '--format', 'json', ...given)
      .trim()
      .split('\n')
      .at(-1),
  );
  const samples = ['training', 'audit'].flatMap((topic) => {
    const out = join(folder, `${topic}.ndjson`);
    sluice('dump', topic, '--config', config, '--format', 'ndjson', '--out', out);
    return linesOf(out);
  });
  const botImpressions = new Set(
    values.events
      ? []
      : linesOf(join(events, 'truth.ndjson'))
          .filter(({ isBot }) => isBot)
          .map(({ impressionId }) => impressionId),
  );
  const bots = new Set(
    samples.filter(({ sampleId }) => botImpressions.has(sampleId)).map(({ sessionPseudonym }) => sessionPseudonym),
  );
  const sessions = new Set(samples.map(({ sessionPseudonym }) => sessionPseudonym));
  const ratio = (part, whole) => (whole === 0 ? null : Number((part / whole).toFixed(4)));
  const row = (name, isFlagged) => {
    const flagged = samples.filter(isFlagged);
    const flaggedSessions = new Set(flagged.map(({ sessionPseudonym }) => sessionPseudonym));
    const rightSamples = flagged.filter(({ sampleId }) => botImpressions.has(sampleId)).length;
    const rightSessions = [...flaggedSessions].filter((session) => bots.has(session)).length;
    const clicks = flagged.filter(({ label }) => label === 1).length;
    return {
      flag: name,
      samples: flagged.length,
      clicks,
      precision: ratio(rightSamples, flagged.length),
      recall: ratio(rightSamples, botImpressions.size),
      sessions: flaggedSessions.size,
      sessionPrecision: ratio(rightSessions, flaggedSessions.size),
      sessionRecall: ratio(rightSessions, bots.size),
    };
  };
  const names = ['session-rate', 'impossible-dwell', 'click-everything', 'contradicted'];
  console.log(
    JSON.stringify({
      samples: samples.length,
      sessions: sessions.size,
      bots: bots.size,
      botSamples: botImpressions.size,
      quality: accounting.quality,
      champion: accounting.champion,
    }),
  );
  console.table([
    ...names.map((name) => row(name, ({ flags }) => flags.includes(name))),
    row('any rule', ({ flags }) => names.slice(0, 3).some((name) => flags.includes(name))),
    row('any', ({ flags }) => flags.length > 0),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
