import { join } from 'node:path';
import { type Config, configSchema } from '../../config/schema.js';
import type { Scenario } from './scenarios.js';

/** Longer than any stream of the bench: nothing closes. */
const FOREVER_MS = 30 * 86_400_000;

/** The learner reads along, as it does in production, but no fit falls due while the stream is timed. */
const NO_FIT = { everySamples: 1_000_000_000, everyMs: 0, onDrift: false } as const;

/** How the runs of a scenario commit. */
export type Delivery = Config['transport']['delivery'];

/** What runs of a scenario differ in. */
export interface Way {
  readonly delivery?: Delivery;
  readonly threads?: number;
}

/** Where a scenario works. */
export interface BenchPlace {
  /** Folder of the scenario alone. */
  readonly folder: string;
  /** Folder with the text vectors, shared by all scenarios. */
  readonly vectorFolder: string;
  /** Bootstrap servers for Kafka scenarios; '' elsewhere. */
  readonly brokers: string;
  /** Prefix of the topics, so that a broker that is there already is left as it was. */
  readonly topicPrefix: string;
}

/**
 * The config of one run. `warm-up` fits models and embeds every text; `measured` runs as another application over the same
 * topics, so that it begins at the first event, with the champion the warm-up left.
 */
export function benchConfig(
  scenario: Scenario,
  place: BenchPlace,
  step: 'warm-up' | 'measured',
  { delivery = 'exactly-once', threads = 1 }: Way = {},
): Config {
  return configSchema.parse({
    application: `${place.topicPrefix}${step}`,
    topics: { prefix: place.topicPrefix, ...(scenario.kind === 'threads' ? { partitions: 2 } : {}) },
    run: { threads },
    transport: {
      kind: scenario.transport === 'kafka' ? 'kafka' : 'embedded',
      path: join(place.folder, 'store'),
      delivery,
      ...(place.brokers === '' ? {} : { brokers: place.brokers }),
    },
    privacy: { keyFile: join(place.folder, 'pseudonym.key') },
    encoder: { cachePath: place.vectorFolder, enabled: scenario.kind !== 'threads' },
    join: scenario.kind === 'memory' ? { attributionWindowMs: FOREVER_MS } : {},
    retrain:
      step === 'warm-up'
        ? { pace: 'wait', everySamples: 60_000, proof: { enabled: false } }
        : { pace: 'live', ...NO_FIT, proof: { enabled: false } },
    http: { enabled: 'off' },
  });
}
