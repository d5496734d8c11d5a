/** Encoder worker: form of the text, tokenizer, network, pooling, unit length; one text a run, so that no vector depends on its neighbours. */
import { workerData } from 'node:worker_threads';
import { messageOf, SluiceError } from '../../../errors.js';
import { serve, Transferred, type Answerer } from '../../threads/index.js';
import { openNetwork } from './network.js';
import { poolTokens, writeUnit } from './pooling.js';
import type { EncodeRequest, EncodeResponse, EncoderWorkerSettings } from './protocol.js';
import { wideText } from './text-form.js';
import { openTokenizer } from './tokenize.js';

serve(open(workerData as EncoderWorkerSettings));

async function open(settings: EncoderWorkerSettings): Promise<Answerer<EncodeRequest, EncodeResponse>> {
  const { modelPath, tokenizerPath, pooling, textForm, prefix, maxTokens } = settings;
  const formed = textForm === 'nfkc' ? wideText : (text: string) => text;
  const tokenize = openTokenizer(tokenizerPath, maxTokens);
  const network = await openNetwork(modelPath);
  // The longest text there can be: a network with fewer positions fails here instead of on some later text.
  const longest = tokenize('a '.repeat(maxTokens));
  const { dimensions } = await network(longest).catch((thrown: unknown) => {
    const why = `a text of encoder.maxTokens = ${maxTokens} tokens fails: ${messageOf(thrown)}`;
    throw new SluiceError('encoder-file-invalid', { path: modelPath, why }, { cause: thrown });
  });
  const sum = new Float64Array(dimensions);
  return async ({ texts }) => {
    const vectors = new Float32Array(texts.length * dimensions);
    let [tokenCount, unknownCount] = [0, 0];
    for (const [row, text] of texts.entries()) {
      const ids = tokenize(prefix + formed(text));
      const share = tokenize.shareOf(ids);
      tokenCount += share.tokenCount;
      unknownCount += share.unknownCount;
      const tokens = await network(ids);
      poolTokens(tokens.values, ids.length, pooling, sum);
      if (!writeUnit(sum, vectors, row * dimensions)) {
        throw new SluiceError('encoder-failed', {
          why: `a text of ${ids.length} tokens has a vector of no finite length`,
        });
      }
    }
    return new Transferred({ vectors, tokenCount, unknownCount }, [vectors.buffer]);
  };
}
