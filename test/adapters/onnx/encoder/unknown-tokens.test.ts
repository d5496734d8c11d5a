import { describe, expect, it } from 'vitest';
import { builtInPath } from '../../../../src/adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../../../src/adapters/onnx/encoder/index.js';
import { openTokenizer } from '../../../../src/adapters/onnx/encoder/tokenize.js';
import { UnknownTokens } from '../../../../src/adapters/onnx/encoder/unknown-tokens.js';
import { RecordingMetrics, RecordingLogger } from '../../../../src/adapters/memory/index.js';
import { encoderSettings } from './settings.js';

describe('unknown tokens', () => {
  it('are told from known ones, special tokens aside', () => {
    const tokenize = openTokenizer(builtInPath('builtin-en', 'tokenizer'), 128);
    expect(tokenize.shareOf(tokenize('red dress'))).toEqual({ tokenCount: 2, unknownCount: 0 });
    expect(tokenize.shareOf(tokenize(''))).toEqual({ tokenCount: 0, unknownCount: 0 });
    expect(tokenize.shareOf(tokenize('螺丝刀 red'))).toEqual({ tokenCount: 4, unknownCount: 3 });
  });

  it('are counted as they are embedded, text by text', async () => {
    const metrics = new RecordingMetrics();
    const logger = new RecordingLogger();
    const encoder = await openEncoder(encoderSettings({ threads: 2 }), { logger, metrics });
    try {
      await encoder.encode(['螺丝刀 red', 'red dress']);
      expect(metrics.total('sluice_encoder_tokens_total', { vocabulary: 'known' })).toBe(3);
      expect(metrics.total('sluice_encoder_tokens_total', { vocabulary: 'unknown' })).toBe(3);
    } finally {
      await encoder.close();
    }
  });

  it('that are many are said once, with the share and the remedy; some thousand tokens in, and not before', () => {
    const logger = new RecordingLogger();
    const unknown = new UnknownTokens('builtin-en', logger, undefined);
    unknown.note({ tokenCount: 999, unknownCount: 999 });
    expect(logger.lines).toEqual([]);
    for (let i = 0; i < 3; i++) unknown.note({ tokenCount: 1_000, unknownCount: 500 });
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({
      level: 'warn',
      fields: { unknownFraction: 0.75, tokens: 1_999, model: 'builtin-en' },
    });
    expect(JSON.stringify(logger.lines[0])).toContain('set encoder.model = builtin-zh');
  });

  it('that are few are not said', () => {
    const logger = new RecordingLogger();
    new UnknownTokens('builtin-zh', logger, undefined).note({ tokenCount: 10_000, unknownCount: 1_000 });
    expect(logger.lines).toEqual([]);
  });
});
