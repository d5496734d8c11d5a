import type { Codecs } from '../adapters/avro/index.js';
import type { Config } from '../config/schema.js';
import { topicName } from '../config/topics.js';
import type { Gate } from '../pipeline/admit.js';

/** A gate for looking at messages that goes no further than this process: people are named as they are, so no key is needed. */
export function plainGate(
  config: Config,
  { impressions, interactions }: Pick<Codecs, 'impressions' | 'interactions'>,
): Gate {
  return {
    partition: 0,
    topicNames: {
      impressions: topicName(config.topics, 'impressions'),
      interactions: topicName(config.topics, 'interactions'),
    },
    impressions,
    interactions,
    privacy: { keyed: { keyId: 'none', pseudonym: (_kind, identifier) => identifier }, requestIds: 'as-sent' },
    clean: config.clean,
    maxMessageBytes: config.decode.maxMessageBytes,
  };
}
