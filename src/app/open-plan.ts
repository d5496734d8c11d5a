import { hasStore } from '../adapters/lmdb/index.js';
import type { Config } from '../config/schema.js';
import { streamRoles, streamTopics, topicName, topicNames, withCounters } from '../config/topics.js';
import { INPUTS, type Transport } from '../ports/transport.js';
import { describeFeatures } from './describe.js';
import { planStart, type Plan } from './plan.js';
import { admissionSettingsOf, openCodecs, openPseudonymiser, openTransport, type WireDeps } from './wire.js';

/** Makes the plan of a start from the config's own topics. An embedded store that is not there is not made. */
export async function openPlan(
  config: Config,
  deps: Pick<WireDeps, 'logger' | 'clock'>,
  given?: Transport,
): Promise<Plan> {
  const { featureSetId, columns } = await describeFeatures(config);
  if (!given && config.transport.kind === 'embedded' && !hasStore(config.transport.path))
    return nothingYet(config, featureSetId);
  const transport = given ?? openTransport(config, deps);
  try {
    return await planStart({
      config,
      transport,
      codec: openCodecs(config, deps).training,
      settings: async () => {
        const { keyId } = await openPseudonymiser(config, { logger: deps.logger, mayMake: false });
        return admissionSettingsOf(config, keyId);
      },
      featureSet: { featureSetId, columnCount: columns.length },
    });
  } finally {
    if (!given) await transport.close();
  }
}

function nothingYet(config: Config, featureSetId: string): Plan {
  const { application, topics } = config;
  const ofStream = streamRoles(withCounters(streamTopics(config), config.features)).map((role) =>
    topicName(streamTopics(config), role),
  );
  return {
    application,
    verdict: 'new',
    refusals: [],
    changes: [],
    missingTopics: [...new Set([...INPUTS.flatMap((input) => topicNames(topics, input)), ...ofStream])],
    partitions: [],
    champion: null,
    featureSetId,
    reservoir: { rows: 0, lost: 0 },
  };
}
