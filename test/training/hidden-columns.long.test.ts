import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { pythonWith } from '../learn/learners/python.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = pythonWith('lightgbm', 'numpy', 'pyarrow');

/** The columns of prices and sessions: what is hidden, and then delivered. */
const HIDDEN = [
  'priceRank',
  'priceToMedian',
  'priceToCheapest',
  'priceToSessionAverage',
  'priceToLastActed',
  'sessionSteps',
  'sessionIdleSeconds',
  'sessionItemShown',
  'sessionItemIdleSeconds',
  'sessionItemIdleGap',
  'sessionItemShownAgo',
  'sessionActedShare',
];

type Fields = Record<string, unknown>;
interface List extends Fields {
  readonly requestId: string;
  readonly items: readonly (Fields & { readonly position: number; readonly impressionId?: string })[];
}
interface Found {
  readonly rows: readonly [number, number];
  readonly sameRows: boolean;
  readonly differs: Readonly<Record<'declared' | 'carried', number>>;
  readonly missingShare: number;
  readonly auc: Readonly<Record<'own' | 'declared' | 'carried' | 'without', number>>;
}

describe.skipIf(python === undefined)('columns of ours that are hidden and delivered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-hidden-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const main = (...words: string[]): string =>
    execFileSync(process.execPath, [here('../../dist/main.js'), ...words], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
  const read = (file: string): Fields[] =>
    readFileSync(join(folder, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Fields);

  /** Runs an application over a folder of events, everything kept; its rows as Parquet. */
  const run = (name: string, events: string, settings: object): void => {
    const config = {
      transport: { path: `store-${name}` },
      privacy: { keyFile: 'key' },
      http: { enabled: 'off' },
      encoder: { enabled: false },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0.3, salt: 'fixed' },
      // No champion is asked here.
      retrain: { everySamples: 1_000_000_000, proof: { enabled: false } },
      ...settings,
    };
    writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(config));
    main('run', '--config', `${name}.yaml`, '--events', events, '--until-end', '--format', 'json');
    for (const topic of ['training', 'audit'])
      main('dump', topic, '--config', `${name}.yaml`, '--format', 'parquet', '--out', `${name}-${topic}.parquet`);
  };

  test('come back to the bit as declared features and as carried fields, and LightGBM is as good with either', () => {
    main('simulate', '--out', 'events', '--impressions', '30000', '--seed', '1');
    run('own', 'events', {});
    const names = (
      JSON.parse(main('describe', 'features', '--config', 'own.yaml', '--format', 'json')) as {
        columns: readonly { readonly name: string }[];
      }
    ).columns.map(({ name }) => name);
    const values = new Map<string, Fields>();
    for (const topic of ['training', 'audit']) {
      main('dump', topic, '--config', 'own.yaml', '--format', 'ndjson', '--out', `${topic}.ndjson`);
      for (const { sampleId, features } of read(`${topic}.ndjson`) as { sampleId: string; features: number[] }[])
        values.set(sampleId, Object.fromEntries(HIDDEN.map((name) => [name, features[names.indexOf(name)]])));
    }

    mkdirSync(join(folder, 'given'));
    const given = (read('events/impressions.ndjson') as List[]).map((list) => ({
      ...list,
      items: list.items.map((item) => ({
        ...item,
        own: values.get(item.impressionId ?? `${list.requestId}#${item.position}`),
      })),
    }));
    writeFileSync(join(folder, 'given/impressions.ndjson'), given.map((list) => `${JSON.stringify(list)}\n`).join(''));
    writeFileSync(
      join(folder, 'given/interactions.ndjson'),
      readFileSync(join(folder, 'events/interactions.ndjson'), 'utf8'),
    );
    run('given', 'given', {
      features: {
        omit: HIDDEN,
        declared: HIDDEN.map((name) => ({ name: `own_${name}`, from: `items.own.${name}`, kind: 'number' })),
      },
      output: { carry: HIDDEN.map((name) => `items.own.${name}`) },
    });

    const found = JSON.parse(
      execFileSync(python!, [here('./python/hidden_columns.py'), ...HIDDEN], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: here('../../clients/python/src'), OMP_NUM_THREADS: '1' },
      }),
    ) as Found;
    expect(found.sameRows).toBe(true);
    expect(found.rows[0]).toBeGreaterThan(15_000);
    expect(found.differs).toEqual({ declared: 0, carried: 0 });
    expect(found.missingShare).toBeLessThan(0.9);
    // They matter here, so that losing them would be seen.
    expect(found.auc.without).toBeLessThan(found.auc.own);
    // Equal numbers in another order of columns: ties between splits fall otherwise.
    expect(Math.abs(found.auc.declared - found.auc.own)).toBeLessThan(0.01);
    expect(Math.abs(found.auc.carried - found.auc.own)).toBeLessThan(0.01);
  });
});
