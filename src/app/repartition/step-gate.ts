import type { Codecs } from '../../adapters/avro/index.js';
import { readText } from '../../adapters/system/index.js';
import type { Config } from '../../config/schema.js';
import { isOneTopic } from '../../config/topics.js';
import { compileTopicMapping, parseMapping } from '../../import/index.js';
import type { Gate } from '../../pipeline/admit.js';
import { plainGate } from '../plain-gate.js';

/** What the step reads messages with: as the stream does, as far as to session and time. */
export function stepGate(config: Config, codecs: Codecs): Gate {
  const { mapping } = config.wire;
  const gate = plainGate(config, codecs);
  return mapping === undefined
    ? gate
    : {
        ...gate,
        mapping: compileTopicMapping(parseMapping(readText(mapping), mapping), mapping, isOneTopic(config.topics)),
      };
}
