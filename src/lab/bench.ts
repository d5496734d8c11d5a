import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { BenchPlace } from './bench/bench-config.js';
import { benchBroker, type BenchBroker } from './bench/broker.js';
import { runNode } from './bench/child-process.js';
import { compareDeliveries } from './bench/compare-deliveries.js';
import { compareThreads } from './bench/compare-threads.js';
import { isOfLife, measureLife } from './bench/life/measure-life.js';
import { measureEncoder } from './bench/measure-encoder.js';
import { measurePeers } from './bench/measure-peers.js';
import type { Measurement, ScenarioResult } from './bench/measurement.js';
import { machine, resultText } from './bench/report.js';
import type { BenchStep } from './bench/scenario-worker.js';
import { SCENARIOS, type Scenario } from './bench/scenarios.js';

export interface BenchOptions {
  /** Results, to stdout. */
  readonly out: (text: string) => Promise<void>;
  /** What is under way, to stderr. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** `json`: one line a scenario. Default `text`. */
  readonly format?: 'text' | 'json';
}

const WORKER = fileURLToPath(new URL('./bench/scenario-worker.js', import.meta.url));

/**
 * Measures scenarios one after the other, each step in a process of its own: topics are filled, the run is timed, and
 * timed again under a profiler, which names what it is bound by. A scenario that cannot run here says why. An aborted
 * signal ends the step under way and is no failure.
 * @param ids none: all
 * @throws SluiceError `config-invalid` on an unknown id
 */
export async function runBench(ids: readonly string[], options: BenchOptions): Promise<void> {
  const { out, say, signal, format = 'text' } = options;
  const chosen = chosenScenarios(ids);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    if (format === 'text')
      await out(
        `${Object.entries(machine())
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}\n\n`,
      );
    for (const scenario of chosen) {
      if (signal.aborted) return;
      say(`${scenario.id}: ${scenario.what}`);
      const result = await resultOf(scenario, join(folder, scenario.id), join(folder, 'vectors'), options);
      await out(format === 'json' ? `${JSON.stringify({ ...result, machine: machine() })}\n` : resultText(result));
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    say('ended early');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chosenScenarios(ids: readonly string[]): readonly Scenario[] {
  if (ids.length === 0) return SCENARIOS;
  return ids.map((id) => {
    const found = SCENARIOS.find((scenario) => scenario.id === id);
    if (found) return found;
    const known = SCENARIOS.map((scenario) => scenario.id).join(', ');
    throw new SluiceError('config-invalid', { problems: `no scenario ${id}; there are ${known}` });
  });
}

async function resultOf(
  scenario: Scenario,
  folder: string,
  vectorFolder: string,
  options: BenchOptions,
): Promise<ScenarioResult> {
  const { id, what, kind, transport } = scenario;
  if (kind === 'encoder' || kind === 'peers') {
    const found = await (kind === 'peers' ? measurePeers : measureEncoder)(scenario.size, options.signal);
    return 'skipped' in found ? { id, what, ...found } : { id, what, measurement: found };
  }
  let broker: BenchBroker | undefined;
  if (transport === 'kafka') {
    const found = await benchBroker(`${folder}-broker`, process.env['KAFKA_BROKERS']);
    if (typeof found === 'string') return { id, what, skipped: found };
    broker = found;
  }
  try {
    const topicPrefix = `bench-${Math.round(options.clock.nowMs())}.`;
    const place: BenchPlace = { folder, vectorFolder, brokers: broker?.brokers ?? '', topicPrefix };
    const measured = isOfLife(scenario) ? measureLife(scenario, place, options) : inSteps(scenario, place, options);
    return { id, what, measurement: await measured };
  } finally {
    await broker?.stop();
  }
}

/** Takes one step of a scenario and gives what it found, as JSON. */
type TakeStep = (step: Pick<BenchStep, 'step' | 'delivery' | 'threads' | 'round'>) => Promise<string>;

async function inSteps(scenario: Scenario, place: BenchPlace, { say, signal }: BenchOptions): Promise<Measurement> {
  const take: TakeStep = async (step) => {
    say(`  ${[step.step, step.delivery, step.threads].filter((part) => part !== undefined).join(' ')}`);
    const asked: BenchStep = { scenarioId: scenario.id, place, ...step };
    const { stdout, stderr, status } = await runNode([WORKER, JSON.stringify(asked)], signal);
    const line = stdout.trim().split('\n').at(-1);
    if (status === 0 && line) return line;
    throw new SluiceError('bug', { why: `${step.step} of ${scenario.id} ended with ${status}: ${stderr.trim()}` });
  };
  await take({ step: 'prepare' });
  if (scenario.kind === 'delivery') return compareDeliveries(take);
  return scenario.kind === 'threads' ? compareThreads(take) : measureAndProfile(take);
}

/** The rate is of the run that was not profiled. */
async function measureAndProfile(take: TakeStep): Promise<Measurement> {
  const measured = JSON.parse(await take({ step: 'measure' })) as Measurement;
  const { profile } = JSON.parse(await take({ step: 'profile' })) as Measurement;
  return { ...measured, profile };
}
