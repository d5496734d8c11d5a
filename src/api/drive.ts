import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeFeatures } from '../app/describe.js';
import { IN_MEMORY, runInMemory } from '../app/run-in-memory.js';
import { requireConfig } from '../config/load.js';
import type { DriverEvents, DriverOutputs, TestDriverOptions } from './driver.js';

/** Runs events in memory under the options of a driver. */
export async function drive(
  { plugins = [], config: file, set = [] }: TestDriverOptions,
  { impressions = [], interactions = [] }: DriverEvents,
): Promise<DriverOutputs> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-driver-'));
  try {
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, 'the pseudonym key of drivers, always the same\n', { mode: 0o600 });
    const own = plugins.length > 0 ? [`plugins=${plugins.join(',')}`] : [];
    const sets = [...IN_MEMORY, `privacy.keyFile=${keyFile}`, ...own, ...set];
    const config = requireConfig({ ...(file === undefined ? {} : { file }), env: {}, sets }, () => undefined);
    const left = await runInMemory(config, { impressions, interactions });
    const [samples, audit, late, deadLetters] = [
      await left.rowsOf('training'),
      await left.rowsOf('audit'),
      await left.rowsOf('late'),
      await left.rowsOf('dead-letters'),
    ];
    const { columns } = await describeFeatures(config);
    return { samples, audit, late, deadLetters, columns: columns.map(({ name }) => name) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
