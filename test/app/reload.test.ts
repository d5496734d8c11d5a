import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { RecordingMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { Reloader } from '../../src/app/reload.js';
import type { Config, ConfigInput } from '../../src/config/schema.js';
import { embedded, World } from './fixture.js';
import { startSluice } from './process-child.js';

const world = new World(embedded, { selection: { scorer: 'uniform', budget: 0.3 } });
afterAll(() => world.remove());

/** A config file that a reader never sees half-written. */
function fileOf(name: string): { readonly path: string; write(config: ConfigInput | string): void } {
  const path = join(world.folder, `${name}.yaml`);
  return {
    path,
    write(config) {
      writeFileSync(`${path}.new`, typeof config === 'string' ? config : JSON.stringify(config));
      renameSync(`${path}.new`, path);
    },
  };
}

/** A reloader of a file as the run makes it. */
function reloaderOf(file: string, config: Config) {
  const levels: string[] = [];
  const metrics = new RecordingMetrics();
  const reloader = new Reloader(config, {
    load: () => loadConfig({ file, env: {}, sets: [] }),
    isSet: () => false,
    setLogLevel: (level) => void levels.push(level),
    logger: silentLogger,
  });
  reloader.countIn(metrics);
  return { reloader, levels, metrics };
}

describe('SIGHUP to a run', () => {
  it('makes it read its config again: what may change changes, the rest is named, nonsense changes nothing; it lives on', async () => {
    const { config } = world.application();
    const file = fileOf('signalled');
    file.write(config);
    const child = startSluice(['run', '--config', file.path, '--format', 'json', '--log-level', 'info']);
    onTestFinished(() => child.signal('SIGKILL'));
    await child.said('sluice starts');
    child.signal('SIGHUP');
    await child.said('the config says what it said');
    await child.said('"state":"running"');

    file.write({ ...config, selection: { ...config.selection, budget: 0.05 } });
    child.signal('SIGHUP');
    const applied = JSON.parse(await child.said(/\{.*the config was read again.*\}/)) as Record<string, unknown>;
    expect(applied).toMatchObject({
      by: 'SIGHUP',
      applied: { 'selection.budget': { before: '0.3', after: '0.05' } },
    });

    file.write({ ...config, selection: { ...config.selection, budget: 0.05, salt: 'another' } });
    child.signal('SIGHUP');
    expect(JSON.parse(await child.said(/\{.*selection\.salt does not change while it runs.*\}/))).toMatchObject({
      level: 'warn',
      remedy: expect.stringContaining('restart') as string,
    });

    file.write('selection: { budget: 7 }');
    child.signal('SIGHUP');
    expect(await child.said(/\{.*the config is not valid, and nothing has changed.*\}/)).toContain('selection.budget');

    rmSync(file.path);
    child.signal('SIGHUP');
    await child.said(/\{.*cannot read .*signalled\.yaml.*\}/);

    child.signal('SIGTERM');
    const { status, signal } = await child.ended;
    expect([status, signal]).toEqual([0, null]);
  });
});

describe('reading a config again', () => {
  const { config } = world.application();

  it('applies, counts and shows the new budget, and moves the level of the log', () => {
    const file = fileOf('applied');
    const { reloader, levels, metrics } = reloaderOf(file.path, config);
    file.write({ ...config, selection: { ...config.selection, budget: 0.1 }, log: { level: 'warn' } });
    expect(reloader.reload('test').outcome).toBe('applied');
    expect(reloader.config.selection.budget).toBe(0.1);
    expect(levels).toEqual(['warn']);
    expect(metrics.latest('sluice_budget_fraction')).toBe(0.1);
    expect(metrics.total('sluice_config_reloads_total', { outcome: 'applied' })).toBe(1);
    const settings = reloader.config;
    expect(reloader.reload('test').outcome).toBe('unchanged');
    expect(reloader.config).toBe(settings);
  });

  it('takes over what may change beside what may not, and says how much waits for a restart', () => {
    const file = fileOf('mixed');
    const { reloader, metrics } = reloaderOf(file.path, config);
    file.write({
      ...config,
      selection: { ...config.selection, budget: 0.1, auditFraction: 0.5 },
      label: { goal: 'PURCHASE' },
    });
    expect(reloader.reload('test')).toMatchObject({
      outcome: 'applied',
      heldBack: [{ path: 'label.goal' }, { path: 'selection.auditFraction' }],
    });
    expect(reloader.config).toEqual({ ...config, selection: { ...config.selection, budget: 0.1 } });
    expect(metrics.latest('sluice_config_options_held_back')).toBe(2);
  });

  it('changes nothing where what it would come to is not valid, though the file is', () => {
    const file = fileOf('halves');
    const running = { ...config, selection: { ...config.selection, auditFraction: 1 } };
    const { reloader, metrics } = reloaderOf(file.path, running);
    file.write({ ...config, selection: { ...config.selection, auditFraction: 0.1, budget: 0.8 } });
    const { outcome, problems, heldBack } = reloader.reload('test');
    expect(outcome).toBe('refused');
    expect(problems).toContain('selection.auditFraction');
    expect(heldBack.map(({ path }) => path)).toEqual(['selection.auditFraction']);
    expect(reloader.config).toBe(running);
    expect(metrics.total('sluice_config_reloads_total', { outcome: 'refused' })).toBe(1);
  });
});
