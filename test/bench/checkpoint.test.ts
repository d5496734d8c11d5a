import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('what a checkpoint costs can be measured on this build', () => {
  const printed = execFileSync(process.execPath, ['test/bench/checkpoint.mjs', '2000'], { encoding: 'utf8' });
  const figures = JSON.parse(printed) as Record<string, number>;
  expect(figures['items']).toBe(2_000);
  for (const name of ['packedMb', 'chunks', 'loadMs', 'pauseMs']) expect(figures[name]).toBeGreaterThan(0);
});
