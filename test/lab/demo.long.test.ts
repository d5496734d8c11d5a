import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import { runDemo, type DemoOptions } from '../../src/lab/demo.js';
import { prepareDemoFolder } from '../../src/lab/demo/folder.js';
import { progressLine } from '../../src/lab/demo/progress-line.js';
import { loadConfig } from '../../src/config/load.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-test-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function demo(folder: string, more: Partial<DemoOptions> = {}): Promise<{ printed: string; said: string[] }> {
  const said: string[] = [];
  let printed = '';
  await runDemo({
    out: async (text) => void (printed += text),
    say: (text) => void said.push(text),
    signal: new AbortController().signal,
    clock: systemClock,
    folder: join(folder, 'demo'),
    ...more,
  });
  return { printed, said };
}

describe('the demo', () => {
  test('trains and publishes on live traffic, and its summary holds what a newcomer asks', async () => {
    const folder = newFolder();
    const { printed, said } = await demo(folder, { durationMs: 15_000 });
    expect(printed.split('\n').length).toBeLessThanOrEqual(25);
    expect(printed).toMatch(/seen +[1-9][\d,]+ impressions/);
    expect(printed).toMatch(/kept +[1-9][\d,]+ training samples/);
    expect(printed).toMatch(/scores now/);
    expect(printed).toContain(join(folder, 'demo', 'sluice.yaml'));
    const [, ratio, error] = /ratio ([\d.]+) ± ([\d.]+)/.exec(printed)!;
    expect(Math.abs(Number(ratio) - 1)).toBeLessThan(6 * Number(error));
    expect(said.some((line) => /Σweights\/seen/.test(line))).toBe(true);
  });

  test('an interrupt before any outcome ends it with a summary and without a failure', async () => {
    const interrupt = new AbortController();
    const running = demo(newFolder(), { signal: interrupt.signal });
    await systemClock.sleep(300);
    interrupt.abort();
    expect((await running).printed).toContain('No model was published');
  });

  test('runs a second time in the same folder, from nothing', async () => {
    const folder = newFolder();
    const aborted = AbortSignal.abort();
    await demo(folder, { signal: aborted });
    const { printed } = await demo(folder, { signal: aborted });
    expect(printed).toMatch(/ 0 impressions and 0 interactions/);
  });
});

describe('the folder of the demo', () => {
  test('a new demo replaces its own files and leaves the others', () => {
    const path = newFolder();
    for (const name of ['store', 'sluice.yaml', 'mine.txt']) writeFileSync(join(path, name), 'old');
    const folder = prepareDemoFolder(path);
    expect(existsSync(join(path, 'store'))).toBe(false);
    expect(readFileSync(join(path, 'mine.txt'), 'utf8')).toBe('old');
    expect(readFileSync(folder.configFile, 'utf8')).not.toBe('old');
  });

  test('its config has no problem at all', () => {
    const { configFile } = prepareDemoFolder(newFolder());
    expect(loadConfig({ file: configFile, env: {}, sets: [] }).problems).toEqual([]);
  });

  test('a place that cannot be written gives way to a temporary one', () => {
    const file = join(newFolder(), 'a-file');
    writeFileSync(file, '');
    const { path, configFile } = prepareDemoFolder(join(file, 'below'));
    folders.push(path);
    expect(path).not.toContain(file);
    expect(existsSync(configFile)).toBe(true);
  });
});

describe('the line of progress', () => {
  const moment = { elapsedMs: 12_300, impressionsPerSecond: 2_999.6, champion: undefined };

  test('tells rate, seen, kept, their share outside the audit slice, and what the kept stand for', () => {
    const counts = {
      ...noCounts(),
      impressionsRead: 3000,
      samplesSeen: 2100,
      samplesAudit: 100,
      samplesKept: 210,
      weightSum: 2040,
    };
    expect(progressLine({ ...moment, counts })).toBe(
      '12 s | 3,000 impressions/s | seen 2,100, kept 210 (10.5 %), Σweights/seen 1.020 | no model yet',
    );
  });

  test('divides by nothing before the first outcome', () => {
    expect(progressLine({ ...moment, counts: { ...noCounts(), impressionsRead: 40 } })).toContain('40 waiting');
    expect(progressLine({ ...moment, counts: noCounts() })).not.toMatch(/NaN|Infinity/);
  });
});
