import type { Config } from '../../config/schema.js';
import type { ImpressionList, Interaction, LateInteraction, TrainingSample } from '../../events/words.js';
import type { Clock } from '../../ports/clock.js';
import type { Codec } from '../../ports/codec.js';
import type { Logger } from '../../ports/logger.js';
import { jsonImpressions, jsonInteractions, jsonLate, jsonSamples } from './json-codecs.js';

export interface CodecOptions {
  readonly wire: Config['wire'];
  readonly topics: Config['topics'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One codec a topic, in the formats of the config. */
export interface Codecs {
  readonly impressions: Codec<ImpressionList>;
  readonly interactions: Codec<Interaction>;
  readonly training: Codec<TrainingSample>;
  readonly audit: Codec<TrainingSample>;
  readonly late: Codec<LateInteraction>;
}

/** Makes the codecs of a config. With `wire.mapping` set, input records come as the producer wrote them, for the mapping to read. */
export function createCodecs(options: CodecOptions): Codecs {
  const verbatim = options.wire.mapping !== undefined;
  return {
    impressions: jsonImpressions(verbatim),
    interactions: jsonInteractions(verbatim),
    training: jsonSamples(),
    audit: jsonSamples(),
    late: jsonLate(),
  };
}
