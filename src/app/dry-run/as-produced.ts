import { hasStore } from '../../adapters/lmdb/index.js';
import type { Config } from '../../config/schema.js';
import { topicName } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';

/**
 * The topics of a config, to be read as producers wrote them, before any repartition step.
 * @throws SluiceError `topic-missing` where the embedded store is not there: opening it would make one
 */
export function asProduced(config: Config): Config {
  const { transport, topics } = config;
  if (transport.kind === 'embedded' && !hasStore(transport.path))
    throw new SluiceError('topic-missing', { topic: topicName(topics, 'impressions') });
  return { ...config, transport: { ...transport, repartition: 'none' } };
}
