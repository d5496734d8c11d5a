import { createCodecs, type Codecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { impressionLists, interactions, lateInteractions, trainingSamples } from '../../laws/arbitraries.js';
import { codecLaws } from '../../laws/codec-laws.js';

function codecs(format: 'json' | 'avro'): Codecs {
  const config = configSchema.parse({ wire: { inputFormat: format, outputFormat: format } });
  return createCodecs({
    wire: config.wire,
    topics: config.topics,
    clock: new ManualClock(),
    logger: new RecordingLogger(),
  });
}

for (const format of ['json', 'avro'] as const) {
  codecLaws(`impressions as ${format}`, () => codecs(format).impressions, impressionLists);
  codecLaws(`interactions as ${format}`, () => codecs(format).interactions, interactions);
  codecLaws(`training samples as ${format}`, () => codecs(format).training, trainingSamples);
  codecLaws(`audit samples as ${format}`, () => codecs(format).audit, trainingSamples);
  codecLaws(`late interactions as ${format}`, () => codecs(format).late, lateInteractions);
}
