import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../../adapters/memory/index.js';
import { openTransport } from '../../../app/wire.js';
import type { Clock } from '../../../ports/clock.js';
import { startBroker } from '../../broker/index.js';
import type { BenchPlace } from '../bench-config.js';
import type { Measurement } from '../measurement.js';
import type { LifeKind, Scenario } from '../scenarios.js';
import { Instances } from './instances.js';
import { measureFirstStart } from './measure-first-start.js';
import { measureQuiet } from './measure-quiet.js';
import { measureRebalance } from './measure-rebalance.js';
import { measureRestart } from './measure-restart.js';
import type { Stage } from './stage.js';

const MEASURES = { restart: measureRestart, quiet: measureQuiet, rebalance: measureRebalance } as const;

/** What a scenario about instances is measured with. */
export interface LifeOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** True for the scenarios that {@link measureLife} measures. */
export function isOfLife(scenario: Scenario): scenario is Scenario & { readonly kind: LifeKind } {
  return scenario.kind === 'first-start' || scenario.kind in MEASURES;
}

/** Measures a scenario about whole instances: processes of their own, seen from outside. */
export async function measureLife(
  { kind, size }: Scenario & { readonly kind: LifeKind },
  place: BenchPlace,
  options: LifeOptions,
): Promise<Measurement> {
  mkdirSync(place.folder, { recursive: true });
  if (kind === 'first-start') return firstStart(place, options);
  const instances = new Instances(place, size);
  const transport = openTransport(instances.config, { logger: silentLogger, clock: options.clock });
  try {
    await transport.prepare();
    const stage: Stage = { ...options, instances, transport };
    return await MEASURES[kind](stage);
  } finally {
    instances.abandon();
    await transport.close();
  }
}

function firstStart(place: BenchPlace, options: LifeOptions): Promise<Measurement> {
  return measureFirstStart({
    ...options,
    async onFreshBroker(name, partitions, work) {
      const broker = await startBroker({ dir: join(place.folder, name) });
      const instances = new Instances({ ...place, brokers: broker.brokers }, partitions, name);
      try {
        return await work(instances);
      } finally {
        instances.abandon();
        await broker.stop();
      }
    },
  });
}
