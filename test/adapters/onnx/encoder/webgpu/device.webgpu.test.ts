import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RecordingLogger, silentLogger } from '../../../../../src/adapters/memory/index.js';
import { builtInPath } from '../../../../../src/adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../../../../src/adapters/onnx/encoder/index.js';
import { openTokenizer } from '../../../../../src/adapters/onnx/encoder/tokenize.js';
import { openWebgpuEncoder } from '../../../../../src/adapters/onnx/encoder/webgpu/open.js';
import { shapeIndexOf, shapesFor } from '../../../../../src/adapters/onnx/encoder/webgpu/shapes.js';
import type { Config } from '../../../../../src/config/schema.js';
import { dot, encoderLaws } from '../../../../laws/encoder-laws.js';
import { readReferences } from '../references.js';
import { encoderSettings } from '../settings.js';
import { smallNetwork } from '../small-network.js';

const MAX_TOKENS = 64;

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-webgpu-'));
  model = join(folder, 'small.onnx');
  await writeFile(model, smallNetwork());
});
afterAll(() => rm(folder, { recursive: true }));

const settings = (changes: Partial<Config['encoder']> = {}) =>
  encoderSettings({ device: 'webgpu', model, maxTokens: MAX_TOKENS, threads: 1, ...changes });
const opened = (changes: Partial<Config['encoder']> = {}) => openEncoder(settings(changes), { logger: silentLogger });

/** Opens, encodes and closes. */
async function encoded(texts: readonly string[], changes: Partial<Config['encoder']> = {}) {
  const encoder = await opened(changes);
  try {
    return await encoder.encode(texts);
  } finally {
    await encoder.close();
  }
}

/** The shapes of the product with a 64th of their rows: a software driver takes seconds for a whole batch. */
const FEW_ROWS = shapesFor(MAX_TOKENS).map(({ rows, tokens }) => ({ rows: rows / 64, tokens }));

encoderLaws(
  'the encoder at a graphics card',
  async () => {
    const { encoder } = await openWebgpuEncoder(
      {
        modelPath: model,
        tokenizerPath: builtInPath('builtin-en', 'tokenizer'),
        pooling: 'mean',
        textForm: 'as-is',
        prefix: '',
        maxTokens: MAX_TOKENS,
        encoderId: 'small',
        threads: 2,
        onTokens: () => undefined,
        onExit: () => undefined,
      },
      FEW_ROWS,
    );
    return encoder;
  },
  { runs: 3, longCharacters: 10_000 },
);

describe('the encoder at a graphics card, in its whole shapes', () => {
  const texts = readReferences('builtin-en').references.map(({ text }) => text);
  let vectors: readonly Float32Array[];
  beforeAll(async () => {
    vectors = await encoded(texts);
  });

  it('gives the vectors of the CPU in float32: cosine .99999 for every text, in every shape', async () => {
    const tokenize = openTokenizer(builtInPath('builtin-en', 'tokenizer'), MAX_TOKENS);
    const shapes = shapesFor(MAX_TOKENS);
    expect(new Set(texts.map((text) => shapeIndexOf(shapes, tokenize(text).length))).size).toBe(shapes.length);
    const here = await encoded(texts, { device: 'cpu' });
    for (const [index, vector] of vectors.entries())
      expect(dot(vector, here[index]!), texts[index]).toBeGreaterThanOrEqual(0.99999);
  });

  it('gives every text the same bits in three processes, each in another order and other company', async () => {
    expect([...(await encoded([...texts].reverse()))].reverse()).toEqual(vectors);
    const odd = (_: unknown, index: number) => index % 2 === 1;
    expect(await encoded(texts.filter(odd))).toEqual(vectors.filter(odd));
  });
});

describe('opening the encoder at a graphics card', () => {
  it('has another id than the CPU, and logs what it runs on', async () => {
    const logger = new RecordingLogger();
    const encoder = await openEncoder(settings(), { logger });
    await encoder.close();
    const onCpu = await opened({ device: 'cpu' });
    await onCpu.close();
    expect(encoder.encoderId).toMatch(/^[0-9a-f]{12}-da0e7993-mean-64-webgpu\.[0-9a-f]{6}$/);
    expect(encoder.encoderId.startsWith(`${onCpu.encoderId}-`)).toBe(true);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({
      level: 'info',
      message: 'encoder opened',
      fields: { device: 'webgpu', encoderId: encoder.encoderId, driver: expect.stringMatching(/\.so/) as string },
    });
  });

  it('refuses a network in 8 bits, whose products would run on the CPU, and names them', async () => {
    const refusal = opened({ model: builtInPath('builtin-en', 'model') });
    await expect(refusal).rejects.toMatchObject({ code: 'encoder-not-on-device', details: { device: 'webgpu' } });
    await expect(refusal).rejects.toThrow(/DynamicQuantizeLinear, MatMulInteger .*float-encoder\.py/);
  });

  it('refuses a file that is no network by its path', async () => {
    const junk = join(folder, 'junk.onnx');
    await writeFile(junk, 'not a model');
    await expect(opened({ model: junk })).rejects.toMatchObject({
      code: 'encoder-file-invalid',
      details: { path: junk },
    });
  });

  it('refuses a length that the network has no positions for', async () => {
    await expect(opened({ maxTokens: 600 })).rejects.toThrow(/a text of 600 tokens fails/);
  });
});

describe('without a graphics card', () => {
  const before = { ...env };
  afterEach(() => {
    for (const name of ['VK_DRIVER_FILES', 'XDG_CONFIG_HOME']) {
      if (before[name] === undefined) delete env[name];
      else env[name] = before[name];
    }
  });

  it('a driver that is not there is told, with the remedy', async () => {
    env['VK_DRIVER_FILES'] = join(folder, 'absent.json');
    const refusal = opened();
    await expect(refusal).rejects.toMatchObject({ code: 'encoder-device-unavailable' });
    await expect(refusal).rejects.toThrow(/No supported adapters.*libvulkan1.*encoder\.device = cpu/);
  });

  it('a software driver that nobody asked for is refused', async () => {
    const driver = before['VK_DRIVER_FILES']!;
    const icd = JSON.parse(await readFile(driver, 'utf8')) as { ICD: { library_path: string } };
    icd.ICD.library_path = join(driver, '..', icd.ICD.library_path);
    await mkdir(join(folder, 'vulkan', 'icd.d'), { recursive: true });
    await writeFile(join(folder, 'vulkan', 'icd.d', 'driver.json'), JSON.stringify(icd));
    delete env['VK_DRIVER_FILES'];
    env['XDG_CONFIG_HOME'] = folder;
    await expect(opened()).rejects.toThrow(/the driver libvk_swiftshader\.so computes on the CPU/);
  });
});
