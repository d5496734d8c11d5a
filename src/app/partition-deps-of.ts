import { shownConfig } from '../config/shown.js';
import { changeClassOf } from '../config/changes.js';
import type { Config } from '../config/schema.js';
import { unknownBefore } from '../pipeline/admitted-before.js';
import type { Champion, PartitionDeps } from '../pipeline/partition.js';
import { scorerOf } from '../pipeline/score/scorers.js';
import { configUnder } from '../pipeline/settings/admission.js';
import type { Clock } from '../ports/clock.js';
import type { PartitionLease, Transport } from '../ports/transport.js';
import { countDeadLetters } from './count-dead-letters.js';
import { type Shown, stageMetrics } from './observed/stage-metrics.js';
import { traced } from './observed/traced.js';
import type { RunOptions } from './run-options.js';
import { followSettingsOf, gateOf, mappingOf, routesOf, type Parts } from './wire.js';

type Surroundings = Pick<RunOptions, 'metrics' | 'untilEnd' | 'live' | 'traces'> & {
  readonly clock: Clock;
  readonly champion: Champion;
  /** Shown what the stages of each unit of work gave, before its commit. */
  readonly shown?: Shown | undefined;
};

/** Gathers what one partition needs from outside it; its scorer and its source of vectors are its own. */
export async function partitionDepsOf(
  config: Config,
  parts: Parts,
  lease: PartitionLease,
  transport: Pick<Transport, 'partitionCount' | 'recordLimit' | 'reader'>,
  { metrics, untilEnd, live, traces, shown, clock, champion }: Surroundings,
): Promise<PartitionDeps> {
  const partitionCount = await transport.partitionCount('impressions');
  const gate = gateOf(config, parts, lease.partition, partitionCount);
  const deps: PartitionDeps = {
    config,
    lease: countDeadLetters(lease, metrics),
    gate,
    vectors: parts.vectors(),
    tables: parts.tables(transport),
    keyOf: parts.keyOf,
    scorer: scorerOf(config.selection, parts.ownCode.scorers),
    champion,
    routes: { ...routesOf(config, parts), deadLetterBytes: await transport.recordLimit('dead-letters') },
    followSettings: followSettingsOf(config, parts, gate),
    clock,
    unknownBefore: () => unknownBefore(transport, lease.partition, gate.topicNames),
    untilEnd,
    watch: traced(stageMetrics(metrics, clock, shown), lease.partition, clock, traces),
    partitionCount,
    ...(live && { now: () => live.config }),
    classOf: changeClassOf,
    shownConfig,
    settings: parts.settings,
    under: (admission, state) => {
      const gateThen = gateOf(
        configUnder(config, admission),
        { ...parts, mapping: mappingOf(admission, config.topics) },
        lease.partition,
        partitionCount,
      );
      const configThen = configUnder(config, state);
      return {
        ...deps,
        config: configThen,
        gate: gateThen,
        followSettings: followSettingsOf(configThen, parts, gateThen),
      };
    },
  };
  return deps;
}
