import type { Partition } from './partition.js';
import type { Counts } from './progress/counts.js';
import type { Flow } from './stage-watch.js';

/** What a unit of work is counted in on its way. */
export type Carried = 'messages' | 'events' | 'samples' | 'records';

/**
 * One stage: a function of a partition's state and a unit of work. It knows no logger, metric or timer, and what it adds to
 * the counts is read off its output afterwards, so that a re-read leaves them alone by not asking.
 */
export interface Stage<In, Out> {
  /** A verb; it is the metric label, too. */
  readonly name: string;
  /** What it does, in one line for whoever asks `sluice describe pipeline`. */
  readonly does: string;
  readonly takes: Carried;
  readonly gives: Carried;
  run(partition: Partition, input: In): Out | Promise<Out>;
  flow(input: In, output: Out): Flow;
  /** Adds to the counts what the output says. Absent: nothing. */
  count?(counts: Counts, output: Out): void;
}

/** A stage as a list holds it: its types are checked where it is put behind the one before it. */
export type AnyStage = Pick<Stage<never, never>, 'name' | 'does' | 'takes' | 'gives'>;

/** How one stage is run: plainly, or counted and observed. */
export type Runner = <In, Out>(stage: Stage<In, Out>, partition: Partition, input: In) => Out | Promise<Out>;

/** Runs a stage and nothing else: for a re-read. */
export const plainly: Runner = (stage, partition, input) => stage.run(partition, input);

/**
 * Stages one after the other, each taking what the one before it gives. It is the list that `sluice describe pipeline`
 * shows and the way of a unit of work at once.
 */
export interface Chain<In, Out> {
  readonly stages: readonly AnyStage[];
  /** The same chain with a stage more. */
  to<Next>(stage: Stage<Out, Next>): Chain<In, Next>;
  /** The same chain, and then for each part of what it gives, one after the other, all of another chain. */
  each<Part, Next>(this: Chain<In, readonly Part[]>, inner: Chain<Part, Next>): Chain<In, readonly Next[]>;
  /** Takes one unit of work through every stage. */
  run(runner: Runner, partition: Partition, input: In): Promise<Out>;
}

/** Begins a chain. */
export function chain<In, Out>(first: Stage<In, Out>): Chain<In, Out> {
  return linked([first], async (runner, partition, input: In) => runner(first, partition, input));
}

function linked<In, Out>(stages: readonly AnyStage[], run: Chain<In, Out>['run']): Chain<In, Out> {
  return {
    stages,
    run,
    to: (stage) =>
      linked([...stages, stage], async (runner, partition, input) =>
        runner(stage, partition, await run(runner, partition, input)),
      ),
    each<Part, Next>(inner: Chain<Part, Next>) {
      return linked([...stages, ...inner.stages], async (runner, partition, input: In) => {
        const given: Next[] = [];
        for (const part of (await run(runner, partition, input)) as readonly Part[])
          given.push(await inner.run(runner, partition, part));
        return given as readonly Next[];
      });
    },
  };
}
