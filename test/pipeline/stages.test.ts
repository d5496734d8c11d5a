import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RecordingMetrics, ManualClock } from '../../src/adapters/memory/index.js';
import { describePipeline, pipelineChart } from '../../src/app/describe-pipeline.js';
import { stageMetrics } from '../../src/app/observed/stage-metrics.js';
import { SluiceError } from '../../src/errors.js';
import { observed } from '../../src/pipeline/observed.js';
import type { Partition } from '../../src/pipeline/partition.js';
import { noCounts } from '../../src/pipeline/progress/counts.js';
import { chain, plainly, type Stage } from '../../src/pipeline/stage.js';
import { PIPELINE, TO_STATE } from '../../src/pipeline/stages/index.js';

const names = PIPELINE.stages.map(({ name }) => name);
const partition = () => ({ counts: noCounts() }) as Partition;

/** A stage of numbers that adds one to each and refuses those over ten. */
function adding(name: string): Stage<readonly number[], readonly number[]> {
  return {
    name,
    does: 'adds one',
    takes: 'events',
    gives: 'events',
    run: (_, numbers) => numbers.map((n) => n + 1).filter((n) => n <= 10),
    flow: (input, output) => ({ in: input.length, out: output.length, refused: input.length - output.length }),
    count: (counts, output) => void (counts.samplesSeen += output.length),
  };
}

describe('the list of stages', () => {
  it('is what a unit of work goes through, each taking what the one before it gives', () => {
    expect(names).toEqual([...new Set(names)]);
    for (let at = 1; at < names.length; at++) expect(PIPELINE.stages[at]!.takes).toBe(PIPELINE.stages[at - 1]!.gives);
  });

  it('begins with the list that a restore repeats, which ends at the join', () => {
    expect(PIPELINE.stages.slice(0, TO_STATE.stages.length)).toEqual(TO_STATE.stages);
    expect(TO_STATE.stages.at(-1)!.name).toBe('join');
    expect(
      describePipeline()
        .filter(({ repeatedByRestore }) => repeatedByRestore)
        .map(({ name }) => name),
    ).toEqual(TO_STATE.stages.map(({ name }) => name));
  });

  it('is the one that the README draws', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const drawn = readme.split('\n').find((line) => line.includes(' decode ─ '));
    expect(drawn?.match(/[a-z]+/g)).toEqual(names);
  });

  it('is a chart with an arrow from each stage to the next', () => {
    const arrows = [...pipelineChart(describePipeline()).matchAll(/^ {2}(\w+) -- \w+ --> (\w+)$/gm)];
    expect(arrows.map(([, from, to]) => [from, to])).toEqual(names.slice(1).map((name, at) => [names[at], name]));
  });
});

describe('a chain', () => {
  const parts: Stage<readonly number[], readonly (readonly number[])[]> = {
    ...adding('parts'),
    run: (_, numbers) => numbers.map((n) => [n]),
    flow: () => ({ in: 0, out: 0, refused: 0 }),
    count: () => undefined,
  };

  it('takes each part of a unit through all of an inner chain before the next part', async () => {
    const seen: string[] = [];
    const noting = (name: string): Stage<readonly number[], readonly number[]> => ({
      ...adding(name),
      run: (_, numbers) => (seen.push(`${name}${numbers[0]}`), numbers),
    });
    const both = chain(parts).each(chain(noting('a')).to(noting('b')));
    expect(await both.run(plainly, partition(), [1, 2])).toEqual([[1], [2]]);
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('counts in life and leaves the counts alone in a re-read', async () => {
    const [life, reread] = [partition(), partition()];
    const twice = chain(adding('a')).to(adding('b'));
    expect(await twice.run(observed(undefined), life, [1, 9])).toEqual(await twice.run(plainly, reread, [1, 9]));
    expect(life.counts.samplesSeen).toBe(3);
    expect(reread.counts).toEqual(noCounts());
  });
});

describe('the wrapper around every stage', () => {
  it('records what went in, came out and was refused, and the time', async () => {
    const metrics = new RecordingMetrics();
    const runner = observed(stageMetrics(metrics, new ManualClock()));
    await chain(adding('a')).to(adding('b')).run(runner, partition(), [1, 9, 10]);
    const flow = (stage: string) =>
      ['in', 'out', 'refused'].map((direction) => metrics.total('sluice_stage_records_total', { stage, direction }));
    expect(flow('a')).toEqual([3, 2, 1]);
    expect(flow('b')).toEqual([2, 1, 1]);
  });

  it.each([
    [new SluiceError('bug', { why: 'x' }), 'bug'],
    [new SluiceError('progress-too-large', { bytes: 1, limit: 0 }), 'progress-too-large'],
    [new RangeError('x'), 'bug'],
  ])('counts what a stage throws by its code, and throws it on', async (thrown, code) => {
    const metrics = new RecordingMetrics();
    const failing: Stage<readonly number[], readonly number[]> = {
      ...adding('a'),
      run: () => {
        throw thrown;
      },
    };
    await expect(chain(failing).run(observed(stageMetrics(metrics, new ManualClock())), partition(), [])).rejects.toBe(
      thrown,
    );
    expect(metrics.total('sluice_stage_errors_total', { stage: 'a', code })).toBe(1);
  });
});
