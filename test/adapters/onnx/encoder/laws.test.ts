import { silentLogger } from '../../../../src/adapters/memory/index.js';
import { openEncoder } from '../../../../src/adapters/onnx/encoder/index.js';
import { encoderLaws } from '../../../laws/encoder-laws.js';
import { encoderSettings } from './settings.js';

encoderLaws('the built-in encoder', () => openEncoder(encoderSettings(), { logger: silentLogger }));
encoderLaws(
  'the built-in Chinese encoder',
  () => openEncoder(encoderSettings({ model: 'builtin-zh' }), { logger: silentLogger }),
  { runs: 5 },
);
encoderLaws('the built-in encoder, pooled by its first token, with a prefix, on one thread', () =>
  openEncoder(encoderSettings({ pooling: 'cls', prefix: 'query: ', maxTokens: 24, threads: 1 }), {
    logger: silentLogger,
  }),
);
