import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { InputReader, type Chunk } from '../../../src/pipeline/read/input-reader.js';
import { INPUTS, type Fetched, type InputName, type LogRecord } from '../../../src/ports/transport.js';

const ALL = { impressions: Infinity, interactions: Infinity };
const NONE = { impressions: false, interactions: false };
const RECORD_BYTES = 100;

const record = (offset: number): LogRecord => ({
  offset,
  key: null,
  value: new Uint8Array(RECORD_BYTES),
  timestampMs: 0,
  headers: {},
});

/** Two inputs whose polls end when the test says so. */
class Inputs {
  readonly partition = 0;
  readonly signal = new AbortController().signal;
  /** How long before its poll the end of a log was looked at. */
  endAgeMs = 0;
  readonly asked: { input: InputName; waitMs: number; mayBeOldMs: number }[] = [];
  private readonly open: Partial<Record<InputName, (fetched: Fetched) => void>> = {};

  poll(input: InputName, _maxBytes: number, waitMs: number, mayBeOldMs = 0): Promise<Fetched> {
    this.asked.push({ input, waitMs, mayBeOldMs });
    return new Promise((resolve) => (this.open[input] = resolve));
  }

  async bring(input: InputName, ...offsets: number[]): Promise<void> {
    this.open[input]!({ records: offsets.map(record), caughtUp: true, endAgeMs: this.endAgeMs });
    await turns();
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

function begun(settings: Partial<ConstructorParameters<typeof InputReader>[1]> = {}) {
  const inputs = new Inputs();
  const clock = new ManualClock({ nowMs: 0 });
  const reader = new InputReader(
    inputs as never,
    { maxBytes: 10 * RECORD_BYTES, lingerMs: 100, commitEveryMs: 1_000, ...settings },
    clock,
  );
  const given: number[][] = [];
  const next = async (mayGather: boolean): Promise<void> => {
    const { records }: Chunk = await reader.next(ALL, NONE, mayGather);
    given.push(INPUTS.flatMap((input) => records[input].map(({ offset }) => offset)));
  };
  const pass = async (ms: number): Promise<void> => {
    await turns();
    await clock.advance(ms);
    await turns();
  };
  return { inputs, reader, given, next, pass };
}

describe('a chunk', () => {
  it('does not wait after a pause', async () => {
    const { inputs, given, next } = begun();
    const asked = next(true);
    await turns();
    await inputs.bring('impressions', 1);
    await asked;
    expect(given).toEqual([[1]]);
  });

  it('gathers what comes within commitEveryMs of the last one', async () => {
    const { inputs, given, next, pass } = begun();
    const first = next(true);
    await turns();
    await inputs.bring('impressions', 1);
    await first;
    const second = next(true);
    await turns();
    await inputs.bring('impressions', 2);
    await pass(400);
    await inputs.bring('interactions', 7);
    await inputs.bring('impressions', 3);
    expect(given).toEqual([[1]]);
    await pass(600);
    await second;
    expect(given).toEqual([[1], [2, 3, 7]]);
  });

  it('does not wait for more when it is full', async () => {
    const { inputs, given, next } = begun({ maxBytes: 2 * RECORD_BYTES });
    for (const offsets of [[1], [2, 3]]) {
      const asked = next(true);
      await turns();
      await inputs.bring('impressions', ...offsets);
      await asked;
    }
    expect(given).toEqual([[1], [2, 3]]);
  });

  it('is never gathered in a re-read, nor where the input is declared complete', async () => {
    const { inputs, given, next } = begun();
    for (const offset of [1, 2, 3]) {
      const asked = next(false);
      await turns();
      await inputs.bring('impressions', offset);
      await asked;
    }
    expect(given).toEqual([[1], [2], [3]]);
    expect(inputs.asked.every(({ mayBeOldMs }) => mayBeOldMs === 0)).toBe(true);
  });

  it('of a live stream does not wait because a re-read has just ended', async () => {
    const { inputs, given, next } = begun();
    for (const mayGather of [false, true]) {
      const asked = next(mayGather);
      await turns();
      await inputs.bring('impressions', given.length);
      await asked;
    }
    expect(given).toEqual([[0], [1]]);
  });

  it('comes at once when somebody is in a hurry', async () => {
    const { inputs, reader, given, next } = begun();
    const first = next(true);
    await turns();
    await inputs.bring('impressions', 1);
    await first;
    const second = next(true);
    await turns();
    await inputs.bring('impressions', 2);
    reader.hurry();
    await second;
    await next(true);
    expect(given).toEqual([[1], [2], []]);
  });

  it('is waited for twenty times as long after a silence, and comes at once with the first message', async () => {
    const { inputs, given, next, pass } = begun();
    for (let chunk = 0; chunk < 25; chunk++) {
      const asked = next(true);
      await pass(2_000);
      for (const input of INPUTS) await inputs.bring(input);
      await asked;
    }
    expect(inputs.asked.at(0)!.waitMs).toBe(100);
    expect(inputs.asked.at(-1)!.waitMs).toBe(2_000);
    const asked = next(true);
    await turns();
    await inputs.bring('interactions', 5);
    await asked;
    expect(given.at(-1)).toEqual([5]);
  });

  it('says as of when the end of an input was seen, which is no later than its poll began', async () => {
    const { inputs, reader, pass } = begun();
    const chunk = async (): Promise<Chunk['caughtUp']> => (await reader.next(ALL, NONE, false)).caughtUp;
    const first = chunk();
    await pass(90);
    await inputs.bring('interactions', 1);
    expect(await first).toEqual({ impressions: -Infinity, interactions: 0 });
    const second = chunk();
    await turns();
    await inputs.bring('impressions');
    expect(await second).toEqual({ impressions: 0, interactions: 0 });
    const third = chunk();
    await turns();
    await inputs.bring('impressions');
    expect(await third).toEqual({ impressions: 90, interactions: 0 });
    const fourth = chunk();
    await turns();
    inputs.endAgeMs = 70;
    await inputs.bring('interactions');
    expect(await fourth).toEqual({ impressions: 90, interactions: 20 });
  });
});
