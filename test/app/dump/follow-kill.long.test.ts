import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pythonWith } from '../../learn/learners/python.js';
import { embedded, World } from '../fixture.js';
import { startSluice } from '../process-child.js';

const T0 = Date.UTC(2026, 0, 5);
const python = pythonWith('pyarrow');
const world = new World(embedded, {
  join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
  selection: { scorer: 'uniform', budget: 1, auditFraction: 0.1 },
});
afterAll(() => world.remove());

const listsOf = (round: number): readonly object[] =>
  Array.from({ length: 200 }, (_, n) => ({
    requestId: `r${round}-${n}`,
    eventTimeMs: T0 + round * 10_000_000 + n * 10_000,
    surface: 'SEARCH',
    sessionId: `s${n % 7}`,
    items: [1, 2, 3].map((position) => ({ itemId: `i${position}`, position, price: n + position / 4 })),
  }));

/** Sample ids and prices of a folder of Parquet files, as pyarrow reads it. */
function readBack(folder: string): readonly (readonly [string, number])[] {
  const script = `
import json, sys, pyarrow.dataset as ds
table = ds.dataset(sys.argv[1], format="parquet", partitioning="hive").to_table()
print(json.dumps([[r["sampleId"], r["carried.items.price"]] for r in table.to_pylist()]))`;
  const { status, stdout, stderr } = spawnSync(python!, ['-c', script, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as [string, number][]).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe.skipIf(python === undefined)('dump --follow into Parquet files', () => {
  it('killed again and again while rows come, leaves every row once, as pyarrow reads the folder', async () => {
    const application = world.application({ output: { carry: ['items.price'] } });
    const config = join(world.folder, 'follow.yaml');
    writeFileSync(config, JSON.stringify(application.config));
    const folder = join(world.folder, 'samples');
    const words = ['--follow', '--format', 'parquet', '--out', folder, '--file-rows', '40', '--file-seconds', '1'];
    const start = () => startSluice(['dump', 'training', '--config', config, '--log-level', 'info', ...words]);
    const filesIn = (): number =>
      !existsSync(folder)
        ? 0
        : readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.parquet')).length;
    for (let round = 0; round < 3; round++) {
      await application.runToEnd(world.events(listsOf(round), []));
      const child = start();
      const before = filesIn();
      try {
        // Some of the round's files, and then it is killed, wherever it is.
        while (filesIn() < before + 2 + round) await Promise.race([pause(), failed(child.ended)]);
      } finally {
        child.signal('SIGKILL');
        await child.ended;
      }
    }
    const rows = await application.rows('training');
    const last = start();
    const expected = rows
      .map((row) => [row.sampleId, (row['carried'] as Record<string, number>)['items.price']] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    while (readBack(folder).length < expected.length) await Promise.race([pause(), failed(last.ended)]);
    last.signal('SIGTERM');
    expect((await last.ended).status).toBe(0);
    expect(readBack(folder)).toEqual(expected);
  }, 300_000);
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

async function failed(ended: ReturnType<typeof startSluice>['ended']): Promise<void> {
  const { status, stderr } = await ended;
  throw new Error(`ended with ${status}: ${stderr}`);
}
