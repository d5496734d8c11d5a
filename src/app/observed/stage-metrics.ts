import type { Flow, StageWatch } from '../../pipeline/stage-watch.js';
import { PIPELINE } from '../../pipeline/stages/index.js';
import { select, type Selected } from '../../pipeline/stages/select.js';
import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';

/** Sees the units of work of a partition before they are committed; what it sees is valid until the next one. */
export interface Shown {
  selected(selected: Selected): void;
  gave(stage: string, output: unknown): void;
}

/**
 * Records what goes through the stages; every one of them is there from the start, at 0.
 * @param shown shown what each stage of a unit of work gave, before its commit
 */
export function stageMetrics(metrics: Metrics, clock: Pick<Clock, 'monotonicMs'>, shown?: Shown): StageWatch {
  const count = (stage: string, direction: keyof Flow, by: number): void =>
    metrics.count('sluice_stage_records_total', by, { stage, direction });
  const passed = (stage: string, flow: Flow): void => {
    for (const direction of DIRECTIONS) if (flow[direction] > 0) count(stage, direction, flow[direction]);
  };
  for (const { name } of PIPELINE.stages) for (const direction of DIRECTIONS) count(name, direction, 0);
  return {
    nowMs: () => clock.monotonicMs(),
    passed(stage, flow, durationMs) {
      passed(stage, flow);
      metrics.observe('sluice_stage_seconds', durationMs / 1000, { stage });
    },
    ...(shown && {
      gave(stage: string, output: unknown) {
        if (stage === select.name) shown.selected(output as Selected);
        shown.gave(stage, output);
      },
    }),
    failed(stage, code, durationMs) {
      metrics.count('sluice_stage_errors_total', 1, { stage, code });
      metrics.observe('sluice_stage_seconds', durationMs / 1000, { stage });
    },
  };
}

const DIRECTIONS = ['in', 'out', 'refused'] as const satisfies readonly (keyof Flow)[];
