import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encoderSettings } from './settings.js';

const encoder = new URL('../../../../dist/adapters/onnx/encoder/index.js', import.meta.url).href;

const folder = mkdtempSync(join(tmpdir(), 'sluice-ending-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process that ends in the given way while its encoder is at work. @returns its exit status and what it wrote */
function ended(how: string): { status: number | null; said: string } {
  const program = `
    const { openEncoder } = await import(${JSON.stringify(encoder)});
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    for (let round = 0; round < 5; round++) {
      const encoder = await openEncoder(${JSON.stringify(encoderSettings({ threads: 2 }))}, { logger });
      const texts = Array.from({ length: 4_000 }, (_, n) => 'a red dress with a number of words in it, ' + n);
      encoder.encode(texts).then(() => console.log('it was done before'), () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20 * round));
      ${how}
    }`;
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe('an encoder that is at work', () => {
  it('is closed without taking the process along', () => {
    expect(ended('await encoder.close();')).toEqual({ status: 0, said: '' });
  });

  it('lets the process exit with the status that it chose', () => {
    expect(ended('if (round === 3) process.exit(3); else await encoder.close();')).toEqual({ status: 3, said: '' });
  });
});
