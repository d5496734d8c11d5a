import type { HeapProfiler, Profiler } from 'node:inspector';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import { readEncoderLines } from '../../src/lab/bench/measure-encoder.js';
import { peersMeasurement } from '../../src/lab/bench/measure-peers.js';
import { summariseCpu, summariseHeap } from '../../src/lab/bench/profiler.js';
import { resultText } from '../../src/lab/bench/report.js';
import { SCENARIOS } from '../../src/lab/bench/scenarios.js';
import { runBench } from '../../src/lab/bench.js';

const ours = (path: string): string => pathToFileURL(`src/${path}`).href;
const frame = (functionName: string, url: string) => ({
  functionName,
  url,
  scriptId: '1',
  lineNumber: 0,
  columnNumber: 0,
});

describe('a profile', () => {
  const profile: Profiler.Profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)', ''), children: [2, 3, 5] },
      { id: 2, callFrame: frame('(idle)', '') },
      { id: 3, callFrame: frame('predict', ours('adapters/onnx/model.ts')), children: [4] },
      { id: 4, callFrame: frame('', '') },
      { id: 5, callFrame: frame('(garbage collector)', '') },
    ],
    startTime: 0,
    endTime: 100,
    samples: [2, 3, 4, 5],
    timeDeltas: [60, 10, 20, 10],
  };

  test('leaves idle time out, and native code counts for the script that called it', () => {
    expect(summariseCpu(profile).folders).toEqual([
      { where: 'adapters/onnx', share: 0.75 },
      { where: 'garbage collector', share: 0.25 },
    ]);
    expect(summariseCpu(profile).functions[0]).toEqual({ where: 'adapters/onnx predict', share: 0.75 });
  });

  test('of the heap counts what is alive by who allocated it, libraries by name', () => {
    const node = (
      functionName: string,
      url: string,
      selfSize: number,
      children: HeapProfiler.SamplingHeapProfileNode[],
    ) => ({
      callFrame: frame(functionName, url),
      selfSize,
      id: 0,
      children,
    });
    const lmdb = node('get', 'file:///x/node_modules/lmdb/read.js', 25, []);
    const head = node('(root)', '', 0, [
      node('openList', ours('pipeline/join/join.ts'), 25, [node('', '', 50, []), lmdb]),
    ]);
    expect(summariseHeap({ head }).folders).toEqual([
      { where: 'pipeline/join', share: 0.75 },
      { where: 'lmdb', share: 0.25 },
    ]);
  });
});

describe('the encoder scenario', () => {
  const text = `1500 distinct texts, 9.9 tokens in the mean, Node v20
tokenizer alone: 20.0 µs a text
network alone: 700 µs a text in the median, 1500 µs at the 99th percentile
Sluice, 1 thread(s): 1000 texts/s (900 to 1100)
Sluice, 2 thread(s): 1900 texts/s (1800 to 2000)`;

  test('reads the numbers of the lines, and names the network when it takes most of a text', () => {
    const { value, details, profile } = readEncoderLines(text);
    expect(value).toBe(1900);
    expect(details).toEqual({ sluiceOneThread: 1000, sluiceTwoThreads: 1900 });
    expect(profile?.folders[0]).toEqual({ where: 'onnxruntime (network)', share: 0.7 });
  });

  test('numbers of Python are there when Python was', () => {
    expect(readEncoderLines(`${text}\nPython, 2 thread(s): 1850 texts/s (1 to 2)`).details['pythonTwoThreads']).toBe(
      1850,
    );
  });
});

describe('the peers scenario', () => {
  const peer = {
    guarantee: 'g',
    state: 's',
    seconds: 5,
    peakMiB: 50,
    rows: 10,
    bytesARow: 99,
    failed: 0,
    twice: 0,
    missing: 0,
    wrong: 0,
  };
  const sluice = { ...peer, name: 'Sluice', perSecond: 2_000, cpuMicroseconds: 20 };
  const other = { ...peer, name: 'Other', perSecond: 500, cpuMicroseconds: 50, twice: 3 };
  const measured = (rows: Parameters<typeof peersMeasurement>[0]['rows']) =>
    peersMeasurement({ impressions: 10, positives: 1, turns: 3, load: 1, rows });

  test('gives the rate of Sluice, and each other as a share of it', () => {
    const { value, notes } = measured([sluice, other]);
    expect(value).toBe(2_000);
    expect(notes![1]).toMatch(/^Other: 500 impressions\/s \(0\.25 of Sluice\); 50 µs of CPU each \(2\.50 of Sluice\)/);
    expect(notes![1]).toContain('3 twice');
  });

  test('one that could not be had says why, and is no figure', () => {
    const gone = { name: 'Other', guarantee: 'g', state: 's', skipped: 'no matching distribution' };
    expect(measured([sluice, gone]).notes![1]).toBe('Other: not run, no matching distribution');
    const { notes } = measured([{ ...gone, name: 'Sluice' }, other]);
    expect(notes![1]).not.toContain('of Sluice');
    expect(resultText({ id: 'peers', what: 'x', measurement: measured([sluice, gone]) })).toContain('  Other: not run');
  });
});

describe('the bench', () => {
  test('scenario ids are one of a kind', () => {
    expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
  });

  test('an unknown scenario is refused with the ids that there are', async () => {
    const options = { out: async () => {}, say: () => {}, signal: new AbortController().signal, clock: systemClock };
    await expect(runBench(['embeded'], options)).rejects.toThrow(/embedded, kafka/);
  });

  test('an interrupt ends it without a failure and leaves no folder behind', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'));
    vi.stubEnv('TMPDIR', temporary);
    try {
      const interrupt = new AbortController();
      const said: string[] = [];
      const say = (line: string): void => {
        said.push(line);
        if (line === '  prepare') queueMicrotask(() => interrupt.abort());
      };
      await runBench(['open-100k'], { out: async () => {}, say, signal: interrupt.signal, clock: systemClock });
      expect(said.at(-1)).toBe('ended early');
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true, force: true });
    }
  });

  test('a scenario that cannot run says why', () => {
    expect(resultText({ id: 'kafka', what: 'x', skipped: 'no Java' })).toContain('skipped: no Java');
  });
});
