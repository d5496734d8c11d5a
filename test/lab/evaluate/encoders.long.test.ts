import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { builtInPath } from '../../../src/adapters/onnx/encoder/built-in.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { compareEncoders, ENCODER_HEAD, encoderNamed, encoderRows } from '../../../src/lab/evaluate/encoders.js';
import { titleLog } from '../../app/title-log.js';

describe('comparing encoders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-encoders-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const config = configSchema.parse({
    encoder: { cachePath: '' },
    features: { text: { item: 384 } },
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 10_000 },
  });
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  for (const [file, name] of [
    ['model', 'model.onnx'],
    ['tokenizer', 'tokenizer.json'],
  ] as const)
    symlinkSync(builtInPath('builtin-en', file), join(copy, name));

  it('a name, a file or a folder gives model, tokenizer, checksum and pooling; what is not there is refused', () => {
    expect(encoderNamed('builtin-zh', config.encoder).encoder).toMatchObject({
      model: 'builtin-zh',
      tokenizer: 'builtin',
    });
    const of = { model: join(copy, 'model.onnx'), tokenizer: join(copy, 'tokenizer.json') };
    expect(encoderNamed(copy, config.encoder).encoder).toMatchObject({ ...of, pooling: 'own' });
    expect(encoderNamed(of.model, config.encoder).encoder).toMatchObject(of);
    expect(encoderNamed(copy, config.encoder).encoder.sha256).toMatch(/^af8e2695/);
    expect(() => encoderNamed(join(folder, 'other.onnx'), config.encoder)).toThrow(/other\.onnx/);
    const tuned = join(folder, 'tuned');
    mkdirSync(tuned);
    for (const name of ['model.onnx', 'tokenizer.json']) symlinkSync(join(copy, name), join(tuned, name));
    writeFileSync(join(tuned, 'report.json'), '{"recipe":{"pooling":"cls"}}');
    expect(encoderNamed(tuned, config.encoder).encoder.pooling).toBe('cls');
  });

  it('the same samples are described by each: an encoder and its copy differ by nothing, another one by something', async () => {
    const { impressions, interactions } = titleLog(250, 4, 7);
    const eventsDir = join(folder, 'events');
    mkdirSync(eventsDir);
    for (const [name, events] of Object.entries({ impressions, interactions }))
      writeFileSync(join(eventsDir, `${name}.ndjson`), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const reports = await compareEncoders(
      {
        ...{ config, eventsDir, workDir: join(folder, 'work'), clock: systemClock, logger: silentLogger },
        plan: {
          ...{ budgets: [0.5], policies: ['uniform'], salts: ['a'], consumers: ['linear'] },
          ...{ trainFraction: 0.6, threads: 1 },
        },
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
      ['builtin-en', copy, 'builtin-zh'].map((name) => encoderNamed(name, config.encoder)),
    );
    const [english, same, chinese] = reports;
    expect(english!.report.samples).toMatchObject({ count: 1_000, columns: same!.report.samples.columns });
    expect(chinese!.report.samples.positives).toBe(english!.report.samples.positives);
    expect(english!.against).toEqual([null, null]);
    const none = { mean: 0, half: 0 };
    expect(same!.against).toEqual([
      { auc: none, normalisedEntropy: none },
      { auc: none, normalisedEntropy: none },
    ]);
    for (const line of chinese!.against) expect(line!.auc.half).toBeGreaterThan(0);
    expect(chinese!.report.lines.map(({ rows }) => rows)).toEqual(english!.report.lines.map(({ rows }) => rows));
    const rows = encoderRows(reports);
    expect(rows.map((row) => row[3])).toEqual(['builtin-en', copy, 'builtin-zh', 'builtin-en', copy, 'builtin-zh']);
    for (const row of rows) expect(row).toHaveLength(ENCODER_HEAD.length);
  });
});
