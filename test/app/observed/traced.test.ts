import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { traced } from '../../../src/app/observed/traced.js';
import type { StageWatch } from '../../../src/pipeline/stage-watch.js';
import type { UnitTrace } from '../../../src/ports/traces.js';
import type { LogRecord } from '../../../src/ports/transport.js';

const flow = (out: number) => ({ in: out, out, refused: 0 });
const record = (offset: number, headers = {}): LogRecord => ({
  offset,
  key: null,
  value: null,
  timestampMs: 0,
  headers,
});

function watched() {
  const clock = new ManualClock({ nowMs: 1_000_000 });
  const calls: unknown[][] = [];
  const inner: StageWatch = {
    nowMs: () => clock.monotonicMs(),
    passed: (...call) => void calls.push(['passed', ...call]),
    failed: (...call) => void calls.push(['failed', ...call]),
    gave: (stage) => void calls.push(['gave', stage]),
  };
  const units: UnitTrace[] = [];
  const watch = traced(inner, 3, clock, { unit: (unit) => void units.push(unit) });
  return { clock, calls, inner, units, watch };
}

/** A unit with these impressions. */
function reads({ watch }: ReturnType<typeof watched>, impressions: readonly LogRecord[]): void {
  watch.passed('read', flow(impressions.length), 1);
  watch.gave!('read', {
    records: { impressions, interactions: [] },
    caughtUp: { impressions: true, interactions: true },
  });
}

describe('a watch that tells traces', () => {
  it('is the watch itself where nobody takes them', () => {
    const { inner, clock } = watched();
    expect(traced(inner, 3, clock, undefined)).toBe(inner);
  });

  it('passes on what it sees', () => {
    const seen = watched();
    reads(seen, [record(1)]);
    seen.watch.failed('decode', 'bug', 2);
    expect(seen.calls.map(([what, stage]) => [what, stage])).toEqual([
      ['passed', 'read'],
      ['gave', 'read'],
      ['failed', 'decode'],
    ]);
  });

  it('tells a unit at its commit: times, parts of a stage together, offsets, traces of its messages', () => {
    const seen = watched();
    const { clock, watch, units } = seen;
    clock.jump(10);
    reads(seen, [record(7, { traceparent: 'a' }), record(8), record(9, { traceparent: 'a' })]);
    clock.jump(5);
    watch.passed('join', flow(2), 5);
    clock.jump(20);
    watch.passed('join', flow(1), 5);
    watch.passed('commit', flow(1), 0);
    expect(units).toHaveLength(1);
    expect(units[0]).toMatchObject({
      partition: 3,
      error: null,
      inputs: { impressions: { records: 3, firstOffset: 7, lastOffset: 9 } },
      parents: ['a'],
    });
    expect(units[0]!.stages.map(({ stage }) => stage)).toEqual(['read', 'join', 'commit']);
    expect(units[0]!.stages[1]).toEqual({
      stage: 'join',
      startMs: 1_000_010,
      endMs: 1_000_035,
      busyMs: 10,
      parts: 2,
      in: 3,
      out: 3,
      refused: 0,
    });
  });

  it('tells nothing of a unit that brought no message and wrote no record', () => {
    const seen = watched();
    reads(seen, []);
    seen.watch.passed('commit', flow(0), 1);
    reads(seen, []);
    seen.watch.passed('commit', flow(2), 1);
    expect(seen.units).toHaveLength(1);
  });

  it('tells a unit that failed, with the code, whatever it brought', () => {
    const seen = watched();
    seen.watch.failed('read', 'input-lost', 1);
    reads(seen, [record(1)]);
    seen.watch.failed('commit', 'fenced', 1);
    expect(seen.units.map(({ error, stages }) => [error, stages.at(-1)!.stage])).toEqual([
      ['input-lost', 'read'],
      ['fenced', 'commit'],
    ]);
  });
});
