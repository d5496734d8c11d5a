import { describe, expect, it } from 'vitest';
import { changeClassOf } from '../../src/config/changes.js';
import { LIVE_OPTIONS, liveChange } from '../../src/config/live.js';
import { listOptions } from '../../src/config/options.js';
import { type ConfigInput, configSchema } from '../../src/config/schema.js';

const paths = listOptions().map(({ path }) => path);
const configOf = (input: ConfigInput) => configSchema.parse(input);

describe('what may change while it runs', () => {
  it('is options and sections that there are, each free for a restart, too', () => {
    for (const option of LIVE_OPTIONS) {
      const named = paths.filter((path) => path === option || path.startsWith(`${option}.`));
      expect(named, option).not.toEqual([]);
      for (const path of named) expect(changeClassOf(path), path).toBe('free');
    }
  });

  it('is taken over, and nothing else of the same file; the rest is named with both values, its class and a way out', () => {
    const running = configOf({ selection: { budget: 0.1 } });
    const wanted = configOf({
      selection: { budget: 0.2, salt: 'other', budgets: { SEARCH: 0.3 } },
      join: { attributionWindowMs: 5_000 },
      features: { maxSessions: 7 },
      log: { level: 'debug' },
    });
    const { config, applied, heldBack } = liveChange(running, wanted, paths);
    expect(applied.map(({ path }) => path)).toEqual(['selection.budget', 'selection.budgets', 'log.level']);
    expect(applied[0]).toEqual({ path: 'selection.budget', before: '0.1', after: '0.2' });
    expect(heldBack.map(({ path, class: of }) => [path, of])).toEqual(
      expect.arrayContaining([
        ['selection.salt', 'free'],
        ['join.attributionWindowMs', 'switched'],
        ['features.maxSessions', 'refused'],
      ]),
    );
    for (const { remedy } of heldBack) expect(remedy).toMatch(/restart|another application/);
    expect(config).toEqual(configOf({ selection: { budget: 0.2, budgets: { SEARCH: 0.3 } }, log: { level: 'debug' } }));
    expect(running).toEqual(configOf({ selection: { budget: 0.1 } }));
  });

  it('is nothing where the order of a map alone differs', () => {
    const running = configOf({ selection: { budgets: { SEARCH: 0.3, AD: 0.1 } } });
    const wanted = configOf({ selection: { budgets: { AD: 0.1, SEARCH: 0.3 } } });
    expect(liveChange(running, wanted, paths)).toEqual({ config: running, applied: [], heldBack: [] });
  });

  it('hides what stands before the @ of an address', () => {
    const running = configOf({});
    const wanted = { ...running, wire: { ...running.wire, registryUrl: 'http://me:secret@registry:8081' } };
    const { heldBack } = liveChange(running, wanted, paths);
    expect(JSON.stringify(heldBack)).toContain('registry:8081');
    expect(JSON.stringify(heldBack)).not.toContain('secret');
  });
});
