import type { Logger } from '../../../ports/logger.js';
import type { Metrics } from '../../../ports/metrics.js';
import { BUILT_IN, builtInOf } from './built-in.js';
import type { TokenShare } from './tokenize.js';

/** Above this share of unknown tokens vectors say little of their texts. */
export const HIGH_UNKNOWN_FRACTION = 0.1;
/** Tokens before a share is judged: some hundred titles. */
const LEAST_TOKENS = 1_000;

/** Unknown tokens / tokens; 0 of nothing. */
export function unknownFraction({ tokenCount, unknownCount }: TokenShare): number {
  return tokenCount === 0 ? 0 : unknownCount / tokenCount;
}

/** The tokens of several. */
export function together(shares: readonly TokenShare[]): TokenShare {
  return {
    tokenCount: shares.reduce((sum, share) => sum + share.tokenCount, 0),
    unknownCount: shares.reduce((sum, share) => sum + share.unknownCount, 0),
  };
}

/** What to do about an encoder that does not know the words of its texts. */
export function unknownRemedy(model: string): string {
  const name = builtInOf(model);
  const reads = name === undefined ? '' : `${name} reads ${BUILT_IN[name].languages}; `;
  const other = name === 'builtin-en' ? 'set encoder.model = builtin-zh for Chinese, or bring' : 'bring';
  return `${reads}${other} an encoder of the language (docs/how/encoders.md)`;
}

/** Counts the tokens of what is embedded, and says once when too many of them are unknown to the encoder. */
export class UnknownTokens {
  private all: TokenShare = { tokenCount: 0, unknownCount: 0 };
  private isSaid = false;

  constructor(
    private readonly model: string,
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly metrics: Metrics | undefined,
  ) {}

  note({ tokenCount, unknownCount }: TokenShare): void {
    this.all = together([this.all, { tokenCount, unknownCount }]);
    const knownCount = tokenCount - unknownCount;
    if (knownCount > 0) this.metrics?.count('sluice_encoder_tokens_total', knownCount, { vocabulary: 'known' });
    if (unknownCount > 0) this.metrics?.count('sluice_encoder_tokens_total', unknownCount, { vocabulary: 'unknown' });
    if (this.isSaid || this.all.tokenCount < LEAST_TOKENS || unknownFraction(this.all) <= HIGH_UNKNOWN_FRACTION) return;
    this.isSaid = true;
    this.logger.warn('the encoder does not know many words of the texts, so text similarity says little', {
      unknownFraction: Number(unknownFraction(this.all).toFixed(3)),
      tokens: this.all.tokenCount,
      model: this.model,
      remedy: unknownRemedy(this.model),
    });
  }
}
