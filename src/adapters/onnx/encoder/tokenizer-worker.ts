/** Tokenizer worker: texts into token ids, for a network that runs elsewhere. */
import { openedWith, serve, Transferred, type Answerer } from '../../threads/index.js';
import type { EncodeRequest, TokenizedTexts, TokenizerWorkerSettings } from './protocol.js';
import { openTextTokenizer } from './text-tokenizer.js';
import { together } from './unknown-tokens.js';

// A promise, so that a tokenizer that does not open is told to the pool instead of ending the thread without a word.
serve(Promise.resolve(openedWith<TokenizerWorkerSettings>()).then(open));

function open(settings: TokenizerWorkerSettings): Answerer<EncodeRequest, TokenizedTexts> {
  const tokenize = openTextTokenizer(settings);
  return ({ texts }) => {
    const lists = texts.map(tokenize);
    const counts = Int32Array.from(lists, (list) => list.length);
    const ids = Int32Array.from(lists.flat());
    return new Transferred({ ids, counts, ...together(lists.map(tokenize.shareOf)) }, [ids.buffer, counts.buffer]);
  };
}
