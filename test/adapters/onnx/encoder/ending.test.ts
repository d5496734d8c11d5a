import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { encoderSettings } from './settings.js';

const encoder = new URL('../../../../dist/adapters/onnx/encoder/index.js', import.meta.url).href;

const folder = mkdtempSync(join(tmpdir(), 'sluice-ending-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns exit status of a program that has `openEncoder` and `logger`, and all it wrote */
function ran(program: string): { status: number | null; said: string } {
  const file = join(folder, 'program.mjs');
  writeFileSync(
    file,
    `const { openEncoder } = await import(${JSON.stringify(encoder)});
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    ${program}`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

/** A process that ends in the given way while its encoder is at work. */
function ended(how: string): { status: number | null; said: string } {
  return ran(`for (let round = 0; round < 5; round++) {
    const encoder = await openEncoder(${JSON.stringify(encoderSettings({ threads: 2 }))}, { logger });
    const texts = Array.from({ length: 4_000 }, (_, n) => 'a red dress with a number of words in it, ' + n);
    encoder.encode(texts).then(() => console.log('it was done before'), () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20 * round));
    ${how}
  }`);
}

describe('an encoder that is at work', () => {
  it('is closed without taking the process along', () => {
    expect(ended('await encoder.close();')).toEqual({ status: 0, said: '' });
  });

  it('lets the process exit with the status that it chose', () => {
    expect(ended('if (round === 3) process.exit(3); else await encoder.close();')).toEqual({ status: 3, said: '' });
  });

  it('whose file has no place for the longest text is an error, and nothing else on stderr', () => {
    const model = fileURLToPath(new URL('../../../../models/all-MiniLM-L6-v2/model.onnx', import.meta.url));
    const settings = encoderSettings({ model, maxTokens: 900, threads: 2 });
    expect(ran(`openEncoder(${JSON.stringify(settings)}, { logger }).catch(({ code }) => console.log(code));`)).toEqual(
      {
        status: 0,
        said: 'encoder-file-invalid\n',
      },
    );
  });
});
