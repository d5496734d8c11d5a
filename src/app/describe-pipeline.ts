import type { Carried } from '../pipeline/stage.js';
import { PIPELINE, TO_STATE } from '../pipeline/stages/index.js';

/** One stage as it is told to a reader. */
export interface DescribedStage {
  readonly name: string;
  readonly takes: Carried;
  readonly gives: Carried;
  readonly does: string;
  /** True when a restart goes through it again, in silence. */
  readonly repeatedByRestore: boolean;
}

/** The stages of the pipeline, in the order in which a unit of work goes through them. */
export function describePipeline(): readonly DescribedStage[] {
  return PIPELINE.stages.map(({ name, takes, gives, does }) => ({
    name,
    takes,
    gives,
    does,
    repeatedByRestore: TO_STATE.stages.some((repeated) => repeated.name === name),
  }));
}

/** The stages as a Mermaid flow chart: arrows bear what is passed on, and those that a restore repeats stand in a box. */
export function pipelineChart(stages: readonly DescribedStage[]): string {
  const repeated = stages.filter(({ repeatedByRestore }) => repeatedByRestore);
  const arrows = stages.slice(1).map(({ name }, at) => `  ${stages[at]!.name} -- ${stages[at]!.gives} --> ${name}`);
  return [
    'flowchart LR',
    '  subgraph restore [a restore repeats these]',
    ...repeated.map(({ name }) => `    ${name}`),
    '  end',
    ...arrows,
    '',
  ].join('\n');
}
