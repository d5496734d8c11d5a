/** Encoder worker: form of the text, tokenizer, network, pooling, unit length; one text a run, so that no vector depends on its neighbours. */
import { messageOf, SluiceError } from '../../../errors.js';
import { openedWith, serve, Transferred, type Answerer } from '../../threads/index.js';
import { openNetwork, textAlone } from './network.js';
import { poolTokens, writeUnit } from './pooling.js';
import type { EncodeRequest, EncodeResponse, EncoderWorkerSettings } from './protocol.js';
import { openTextTokenizer } from './text-tokenizer.js';

serve(open(openedWith()));

async function open(settings: EncoderWorkerSettings): Promise<Answerer<EncodeRequest, EncodeResponse>> {
  const { modelPath, pooling, maxTokens } = settings;
  const tokenize = openTextTokenizer(settings);
  const network = await openNetwork(modelPath);
  // The longest text there can be: a network with fewer positions fails here instead of on some later text.
  const longest = tokenize('a '.repeat(maxTokens));
  const { dimensions } = await network.run(textAlone(longest)).catch((thrown: unknown) => {
    const why = `a text of encoder.maxTokens = ${maxTokens} tokens fails: ${messageOf(thrown)}`;
    throw new SluiceError('encoder-file-invalid', { path: modelPath, why }, { cause: thrown });
  });
  const sum = new Float64Array(dimensions);
  return async ({ texts }) => {
    const vectors = new Float32Array(texts.length * dimensions);
    let [tokenCount, unknownCount] = [0, 0];
    for (const [row, text] of texts.entries()) {
      const ids = tokenize(text);
      const share = tokenize.shareOf(ids);
      tokenCount += share.tokenCount;
      unknownCount += share.unknownCount;
      const tokens = await network.run(textAlone(ids));
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
