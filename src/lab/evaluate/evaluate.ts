import { onnxModelLoader } from '../../adapters/onnx/model.js';
import { createTrainer } from '../../adapters/threads/trainer.js';
import { createHash32 } from '../../adapters/xxhash/index.js';
import { createKeyOf } from '../../pipeline/state/keys.js';
import { loadOwnCode, pluginChoiceOf } from '../../own/index.js';
import type { LearnerName } from '../../learn/learners/index.js';
import { drawResamples } from './bootstrap.js';
import { openCells, type Cell, type CellStore } from './cells.js';
import { judgeConsumer, type JudgeDeps, type Judgement } from './consumer.js';
import { fullStream, type FullRun } from './full-run.js';
import type { Kept } from './kept-rows.js';
import { FULL, policiesNamed, type Policy } from './policies.js';
import type { Samples } from './samples.js';
import { allOf, simulatePolicy, type SimulationDeps } from './simulate-policy.js';
import { summarise, type Line } from './summary.js';

/** What is compared. */
export interface Plan {
  readonly budgets: readonly number[];
  readonly policies: readonly string[];
  readonly salts: readonly string[];
  readonly consumers: readonly LearnerName[];
  /** Share of the samples, oldest first, that is trained on; the rest is the test, where every sample counts. */
  readonly trainFraction: number;
  /** Fits at a time. */
  readonly threads: number;
}

export interface EvaluationRun extends Omit<FullRun, 'onProgress'> {
  readonly plan: Plan;
  /** Told of samples read, then of cells done. */
  readonly onProgress: (phase: 'stream' | 'cells', doneCount: number, fraction: number | null) => void;
}

/** What an evaluation came to. */
export interface EvaluationReport {
  readonly samples: {
    readonly count: number;
    readonly positives: number;
    readonly train: number;
    readonly test: number;
    readonly testPositives: number;
    readonly columns: number;
  };
  readonly plan: Plan;
  /** Name of its learner. */
  readonly pilot: string;
  readonly lines: readonly Line[];
  /** Cells that cannot be, and why. */
  readonly left: readonly { readonly policy: string; readonly budget: number; readonly why: string }[];
}

/** Resamples of the test sessions behind every interval. */
const RESAMPLES = 100;

/**
 * Compares policies on one stream, oldest part for training and the rest for the test. The stream is joined and described
 * once; everything after that happens in memory. Cells that were finished before are read from the work folder.
 */
export async function evaluateStream(run: EvaluationRun): Promise<EvaluationReport> {
  return (await evaluateCells(run)).report;
}

/** The same with the cells that the report sums up. */
export async function evaluateCells(
  run: EvaluationRun,
): Promise<{ readonly report: EvaluationReport; readonly cells: readonly Cell[] }> {
  const { config, plan, signal } = run;
  const { samples, fingerprint } = await fullStream({
    ...run,
    onProgress: (count) => run.onProgress('stream', count, null),
  });
  const testFrom = Math.floor(samples.rowCount * plan.trainFraction);
  const trainer = createTrainer({ size: plan.threads, plugins: pluginChoiceOf(config) });
  const keyOf = createKeyOf(await createHash32());
  const resamples = drawResamples(samples.sessionCount, RESAMPLES, config.retrain.seed);
  const deps: SimulationDeps & JudgeDeps = {
    config,
    ownCode: await loadOwnCode(config),
    keyOf,
    trainer,
    loader: onnxModelLoader(),
    resamples,
    signal,
    pooled: new Map(),
  };
  const cells = openCells(run.workDir, [
    fingerprint,
    config.retrain,
    config.selection,
    plan.consumers,
    plan.trainFraction,
    'pilots of the pool, rates of the log, order of the lists',
    ...(config.plugins.length > 0 ? [config.plugins] : []),
  ]);
  try {
    const { wanted, left } = wantedCells(plan, samples, testFrom);
    let doneCount = 0;
    const done: Cell[] = [];
    const queue = wanted.map((draw, index) => ({ draw, index }));
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        done[next.index] = await cellOf(samples, testFrom, next.draw, plan, deps, cells);
        run.onProgress('cells', ++doneCount, doneCount / wanted.length);
      }
    };
    await Promise.all(Array.from({ length: plan.threads }, worker));
    const pilot = config.retrain.learner;
    const report = { samples: factsOf(samples, testFrom), plan, pilot, lines: summarise(done), left };
    return { report, cells: done };
  } finally {
    await trainer.close();
    for (const pilot of await Promise.allSettled(deps.pooled.values()))
      if (pilot.status === 'fulfilled') await pilot.value?.close();
  }
}

interface Draw {
  readonly policy: Policy;
  readonly budget: number;
  readonly salt: string;
}

function wantedCells(
  plan: Plan,
  samples: Samples,
  testFrom: number,
): { wanted: Draw[]; left: EvaluationReport['left'] } {
  const clickRate = countPositives(samples.labels.subarray(0, testFrom)) / testFrom;
  const left: { policy: string; budget: number; why: string }[] = [];
  const wanted: Draw[] = [{ policy: FULL, budget: 1, salt: plan.salts[0]! }];
  for (const policy of policiesNamed(plan.policies)) {
    for (const budget of plan.budgets) {
      if (policy.name === 'all-positives' && budget <= clickRate)
        left.push({ policy: policy.name, budget, why: `the click rate is ${clickRate.toFixed(4)}` });
      else wanted.push(...plan.salts.map((salt) => ({ policy, budget, salt })));
    }
  }
  return { wanted, left };
}

async function cellOf(
  samples: Samples,
  testFrom: number,
  draw: Draw,
  plan: Plan,
  deps: SimulationDeps & JudgeDeps,
  cells: CellStore,
): Promise<Cell> {
  const { policy, budget, salt } = draw;
  const known = await cells.get(policy.name, budget, salt);
  if (known) return known;
  const everything = allOf(samples, testFrom, deps.config, deps.keyOf);
  const kept: Kept = policy === FULL ? everything : await simulatePolicy(samples, testFrom, draw, deps);
  const judgements: Judgement[] = [];
  for (const consumer of plan.consumers)
    for (const correction of policy.corrections) {
      const judgement = await judgeConsumer(
        samples,
        testFrom,
        kept,
        { consumer, correction, seed: deps.config.retrain.seed + plan.salts.indexOf(salt) },
        deps,
      );
      if (judgement) judgements.push(judgement);
    }
  const cell = {
    policy: policy.name,
    budget,
    salt,
    keptFraction: kept.places.length / everything.places.length,
    judgements,
  };
  await cells.put(cell);
  return cell;
}

function factsOf(samples: Samples, testFrom: number): EvaluationReport['samples'] {
  const { rowCount: count, labels, columnCount } = samples;
  return {
    count,
    positives: countPositives(labels),
    train: testFrom,
    test: count - testFrom,
    testPositives: countPositives(labels.subarray(testFrom)),
    columns: columnCount,
  };
}

function countPositives(labels: Uint8Array): number {
  return labels.reduce((sum, label) => sum + label, 0);
}
