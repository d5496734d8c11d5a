import { silentLogger } from '../../adapters/memory/index.js';
import { systemClock } from '../../adapters/system/index.js';
import { createHealthBoard } from '../../observe/health-board.js';
import { runSluice } from '../../app/run.js';
import { openTransport } from '../../app/wire.js';
import { makeKey } from '../../adapters/system/index.js';
import { benchConfig, type BenchPlace, type Way } from './bench-config.js';
import { commitWatch } from './commit-watch.js';
import { feedTopics, type Fed } from './feed-topics.js';
import { measureMemory } from './measure-memory.js';
import { measureThroughput } from './measure-throughput.js';
import type { Measurement } from './measurement.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

/** One step of a scenario, done by a process of its own so that memory is the step's alone. */
export interface BenchStep extends Way {
  readonly scenarioId: string;
  readonly place: BenchPlace;
  readonly step: 'prepare' | 'measure' | 'profile';
  /** Tells the runs of a scenario apart. */
  readonly round?: number;
}

/** Open impressions need some more behind them: the newest wait for the watermark. */
const MEMORY_SURPLUS_FRACTION = 0.1;

/** Feeds the topics; for throughput, also a first run that fits the models and embeds every text. */
async function prepare(scenario: Scenario, place: BenchPlace): Promise<Fed> {
  const config = benchConfig(scenario, place, 'warm-up');
  await makeKey(config.privacy.keyFile);
  const transport = openTransport(config, { logger: silentLogger, clock: systemClock });
  const count = scenario.kind === 'memory' ? Math.round(scenario.size * (1 + MEMORY_SURPLUS_FRACTION)) : scenario.size;
  let fed: Fed;
  try {
    await transport.prepare();
    fed = await feedTopics(transport, count);
  } finally {
    await transport.close();
  }
  if (scenario.kind === 'memory') return fed;
  const { signal } = new AbortController();
  const health = createHealthBoard(systemClock);
  await runSluice(config, {
    untilEnd: true,
    signal,
    logger: silentLogger,
    metrics: commitWatch(() => undefined),
    health,
  });
  return fed;
}

async function measure(scenario: Scenario, { place, step, round, ...way }: BenchStep): Promise<Measurement> {
  const isProfiled = step === 'profile';
  // Every run reads the same topics as an application of its own.
  const config = {
    ...benchConfig(scenario, place, 'measured', way),
    application: `${place.topicPrefix}${isProfiled ? 'profiled' : 'measured'}${round ?? ''}`,
  };
  return scenario.kind === 'memory'
    ? measureMemory(config, scenario.size, systemClock, isProfiled)
    : measureThroughput(config, scenario.size, systemClock, isProfiled);
}

const asked = JSON.parse(process.argv[2] ?? '{}') as BenchStep;
const scenario = SCENARIOS.find(({ id }) => id === asked.scenarioId)!;
const result = asked.step === 'prepare' ? await prepare(scenario, asked.place) : await measure(scenario, asked);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
