import type { Chunk } from '../../pipeline/read/input-reader.js';
import type { Flow, StageWatch } from '../../pipeline/stage-watch.js';
import { commit } from '../../pipeline/stages/commit.js';
import { read } from '../../pipeline/stages/read.js';
import type { Clock } from '../../ports/clock.js';
import type { InputTrace, StageTrace, Traces, UnitTrace } from '../../ports/traces.js';
import { INPUTS, type InputName, type LogRecord } from '../../ports/transport.js';

/** Of the messages of a unit, so many traces are named. */
const MOST_PARENTS = 32;

/** The same watch, with each unit of work that did something told as a trace; the watch itself where nobody wants traces. */
export function traced(
  watch: StageWatch,
  partition: number,
  clock: Pick<Clock, 'nowMs'>,
  traces: Traces | undefined,
): StageWatch {
  if (!traces) return watch;
  let unit = new Unit(partition, 0);
  const began = (stage: string): void => {
    // Wall time stands still or jumps; within a unit it follows the monotonic one.
    if (stage === read.name) unit = new Unit(partition, clock.nowMs() - watch.nowMs());
  };
  return {
    nowMs: () => watch.nowMs(),
    passed(stage, flow, durationMs) {
      watch.passed(stage, flow, durationMs);
      began(stage);
      unit.passed(stage, flow, watch.nowMs(), durationMs);
      if (stage === commit.name && unit.hasMoved) traces.unit(unit.ended(null));
    },
    gave(stage, output) {
      watch.gave?.(stage, output);
      if (stage === read.name) unit.read(output as Chunk);
    },
    failed(stage, code, durationMs) {
      watch.failed(stage, code, durationMs);
      began(stage);
      unit.passed(stage, NOTHING, watch.nowMs(), durationMs);
      traces.unit(unit.ended(code));
    },
  };
}

const NOTHING: Flow = { in: 0, out: 0, refused: 0 };

/** A unit of work on its way. */
class Unit {
  private readonly stages = new Map<string, StageTrace>();
  private readonly inputs: Partial<Record<InputName, InputTrace>> = {};
  private readonly parents = new Set<string>();
  /** Messages came, or records went. */
  hasMoved = false;

  constructor(
    private readonly partition: number,
    /** From monotonic time to wall time. */
    private readonly offsetMs: number,
  ) {}

  passed(stage: string, flow: Flow, nowMs: number, durationMs: number): void {
    const endMs = this.offsetMs + nowMs;
    const before = this.stages.get(stage);
    this.stages.set(stage, {
      stage,
      startMs: before?.startMs ?? endMs - durationMs,
      endMs,
      busyMs: (before?.busyMs ?? 0) + durationMs,
      parts: (before?.parts ?? 0) + 1,
      in: (before?.in ?? 0) + flow.in,
      out: (before?.out ?? 0) + flow.out,
      refused: (before?.refused ?? 0) + flow.refused,
    });
    if ((stage === read.name || stage === commit.name) && flow.out > 0) this.hasMoved = true;
  }

  read({ records }: Chunk): void {
    for (const input of INPUTS) {
      const [first, last] = [records[input][0], records[input].at(-1)];
      if (!first || !last) continue;
      const count = records[input].length;
      this.inputs[input] = { records: count, firstOffset: first.offset, lastOffset: last.offset };
      this.follow(records[input]);
    }
  }

  private follow(records: readonly LogRecord[]): void {
    for (const { headers } of records) {
      if (this.parents.size >= MOST_PARENTS) return;
      const { traceparent } = headers;
      if (traceparent !== undefined) this.parents.add(traceparent);
    }
  }

  ended(error: string | null): UnitTrace {
    const { partition, stages, inputs, parents } = this;
    return { partition, error, stages: [...stages.values()], inputs, parents: [...parents] };
  }
}
