import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import { streamTopics, topicNames } from '../../config/topics.js';
import { INPUTS } from '../../ports/transport.js';

/** A replay's own place beside the application whose input it reads. */
export interface Shadow {
  readonly name: string;
  /** Of its consumer group and transactions. */
  readonly group: string;
  /** What its stream runs with: the application's own name, so that pseudonyms and coins are the same, and topics of its own. */
  readonly config: Config;
  /** What its transport is opened with. On Kafka it joins on the inputs of the application; on the embedded store it has its own folder. */
  readonly place: Config;
  /** Where a person finds it. */
  readonly where: string;
}

/** The shadow of a name: nothing that it writes lies where the application writes. */
export function shadowOf(config: Config, name: string, partitionCount = config.topics.partitions): Shadow {
  const { application, topics, transport } = config;
  const isEmbedded = transport.kind === 'embedded';
  const prefix = `${topics.prefix}replay.${name}.`;
  const inputsOf = (of: Config['topics']) =>
    Object.fromEntries(INPUTS.map((input) => [input, [...topicNames(of, input)]]));
  const group = `${application}-replay-${name}`;
  const path = isEmbedded ? join(`${transport.path}-replays`, name) : transport.path;
  return {
    name,
    group,
    config: {
      ...config,
      topics: { ...topics, prefix, names: inputsOf(topics) },
      retrain: { ...config.retrain, proof: { ...config.retrain.proof, enabled: false } },
      http: { ...config.http, enabled: 'off' },
    },
    place: {
      ...config,
      application: group,
      tables: [],
      topics: {
        ...topics,
        prefix,
        names: inputsOf(streamTopics(config)),
        partitions: partitionCount,
        create: isEmbedded || topics.create,
      },
      transport: { ...transport, repartition: 'none', path },
    },
    where: isEmbedded ? `the folder ${path}` : `the topics ${prefix}* and the group ${group}`,
  };
}
