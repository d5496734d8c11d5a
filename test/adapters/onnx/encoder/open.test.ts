import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInPath } from '../../../../src/adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../../../src/adapters/onnx/encoder/index.js';
import { RecordingLogger, silentLogger } from '../../../../src/adapters/memory/index.js';
import type { Config } from '../../../../src/config/schema.js';
import { dot } from '../../../laws/encoder-laws.js';
import { encoderSettings } from './settings.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-encoder-'));
});
afterAll(() => rm(folder, { recursive: true }));

const opened = (changes: Partial<Config['encoder']>) =>
  openEncoder(encoderSettings({ threads: 1, ...changes }), { logger: silentLogger });

/** Opens, encodes and closes. */
async function encoded(changes: Partial<Config['encoder']>, texts: readonly string[]) {
  const encoder = await opened(changes);
  try {
    return { encoderId: encoder.encoderId, dimensions: encoder.dimensions, vectors: await encoder.encode(texts) };
  } finally {
    await encoder.close();
  }
}

describe('opening the encoder', () => {
  it('the built-in one has 384 dimensions and an id of its checksums, pooling and length', async () => {
    const { encoderId, dimensions } = await encoded({}, []);
    expect(dimensions).toBe(384);
    expect(encoderId).toBe('af8e26957306-da0e7993-mean-128');
  });

  it('the built-in Chinese one says itself how it pools and how it takes its texts', async () => {
    const { encoderId, dimensions } = await encoded({ model: 'builtin-zh' }, []);
    expect(dimensions).toBe(512);
    expect(encoderId).toBe('3878b70c12c5-7dfbf196-cls-128-nfkc1');
  });

  it('whatever changes a vector changes the id', async () => {
    const ids = [];
    for (const changes of [
      {},
      { pooling: 'cls' },
      { prefix: 'query: ' },
      { prefix: 'passage: ' },
      { maxTokens: 16 },
      { textForm: 'nfkc' },
      { model: 'builtin-zh' },
      { model: 'builtin-zh', pooling: 'mean' },
      { model: 'builtin-zh', textForm: 'as-is' },
    ] as const)
      ids.push((await encoded(changes, [])).encoderId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('a model file whose checksum differs is refused by path, with both checksums and the remedy', async () => {
    const path = join(folder, 'torn.onnx');
    const bytes = await readFile(builtInPath('builtin-en', 'model'));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    const expected = 'af8e26957306b1bebaf6f065eaf391955d0b4450a5cfeaffec2740604df074c8';
    const refusal = opened({ model: path, sha256: expected });
    await expect(refusal).rejects.toMatchObject({ code: 'encoder-file-invalid', details: { path } });
    await expect(refusal).rejects.toThrow(expected);
    await expect(refusal).rejects.toThrow('models/README.md');
  });

  it('the checksum of the config may be in upper case', async () => {
    const path = join(folder, 'copy.onnx');
    await copyFile(builtInPath('builtin-en', 'model'), path);
    const sha256 = 'AF8E26957306B1BEBAF6F065EAF391955D0B4450A5CFEAFFEC2740604DF074C8';
    const { vectors, encoderId } = await encoded({ model: path, sha256 }, ['red shoes']);
    const builtin = await encoded({}, ['red shoes']);
    expect(vectors).toEqual(builtin.vectors);
    expect(encoderId).toBe(builtin.encoderId);
  });

  it('a missing file, a file that is no network and one that is no tokenizer are refused by path', async () => {
    const junk = join(folder, 'junk');
    await writeFile(junk, 'not a model');
    const absent = join(folder, 'absent.onnx');
    await expect(opened({ model: absent })).rejects.toMatchObject({
      code: 'encoder-file-invalid',
      details: { path: absent },
    });
    await expect(opened({ model: junk })).rejects.toMatchObject({
      code: 'encoder-file-invalid',
      details: { path: junk },
    });
    await expect(opened({ tokenizer: junk })).rejects.toMatchObject({
      code: 'encoder-file-invalid',
      details: { path: junk },
    });
  });

  it('a length the network has no positions for is refused at the start, not on some later text', async () => {
    await expect(opened({ maxTokens: 4096 })).rejects.toThrow(/encoder\.maxTokens = 4096/);
    await expect(opened({ maxTokens: 2 })).rejects.toThrow(/leaves no room/);
  });

  it('the prefix stands before every text', async () => {
    const prefixed = await encoded({ prefix: 'query: ' }, ['red shoes']);
    const plain = await encoded({}, ['query: red shoes']);
    expect(prefixed.vectors).toEqual(plain.vectors);
  });

  it('what lies past the maximum length changes nothing', async () => {
    const { vectors } = await encoded({ maxTokens: 6 }, [
      'one two three four',
      'one two three four five six',
      'one two three six',
    ]);
    expect(vectors[1]).toEqual(vectors[0]);
    expect(dot(vectors[2]!, vectors[0]!)).toBeLessThan(0.999);
  });

  it('a built-in one is there before its network, so that vectors on disk need not wait for it', async () => {
    const logger = new RecordingLogger();
    const encoder = await openEncoder(encoderSettings({ threads: 1 }), { logger });
    const linesBefore = logger.lines.length;
    const [vector] = await encoder.encode(['a']);
    await encoder.close();
    expect(linesBefore).toBe(0);
    expect(logger.lines).toHaveLength(1);
    expect(vector).toHaveLength(encoder.dimensions);
  });

  it('one that is closed before its network stands rejects the texts that wait', async () => {
    const encoder = await opened({});
    const waiting = encoder.encode(['a']);
    waiting.catch(() => undefined);
    await encoder.close();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('opening leaves no warning, and one line that says what it runs on', async () => {
    const logger = new RecordingLogger();
    const encoder = await openEncoder(encoderSettings(), { logger });
    await encoder.encode(['a']);
    await encoder.close();
    expect(logger.lines).toEqual([
      {
        level: 'info',
        message: 'encoder opened',
        fields: { encoderId: encoder.encoderId, device: 'cpu', threads: encoderSettings().threads },
      },
    ]);
  });
});
