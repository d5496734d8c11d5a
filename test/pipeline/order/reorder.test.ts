import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admitted } from '../../../src/pipeline/admitted.js';
import type { Waiting } from '../../../src/pipeline/order/event-heap.js';
import {
  FROM_THE_BEGINNING,
  Reorder,
  type ForcedAdvance,
  type ReorderStart,
} from '../../../src/pipeline/order/reorder.js';
import { INPUTS, type InputName, type LogRecord } from '../../../src/ports/transport.js';
import { cleanInteraction, cleanList } from '../kit.js';

/** An event of a log: its time, or undefined for a message that was rejected. */
type Time = number | undefined;
type Logs = Readonly<Record<InputName, readonly Time[]>>;

const LATENESS_MS = 20;

function recordAt(offset: number): LogRecord {
  return { offset, key: null, value: new Uint8Array(8), timestampMs: 0, headers: {} };
}

function admittedOf(input: InputName, offset: number, timeMs: Time): Admitted {
  const from = { input, offset, bytes: 8 };
  if (timeMs === undefined) return { ...from, kind: 'rejected', timeMs: -Infinity, readCount: 1, deadLetters: [] };
  if (input === 'interactions')
    return { ...from, kind: 'interaction', timeMs, interaction: cleanInteraction('CLICK', timeMs, 'x') };
  return {
    ...from,
    kind: 'list',
    timeMs,
    list: cleanList(`r${offset}`, timeMs, ['x']),
    readCount: 1,
    refusedCount: 0,
    deadLetters: [],
  };
}

/** A released event by name, its turn and whether it was late. */
const nameOf = ({ event, turnMs, lateRecord }: Waiting): string =>
  `${event.input} ${event.offset} at ${turnMs}${lateRecord ? ' late' : ''}`;

/** What a run does next: admit some records of an input, or let go what may go. */
type Step = InputName | 'release';

class Run {
  readonly reorder: Reorder;
  readonly released: Waiting[] = [];
  readonly watermarks: number[] = [];

  constructor(
    private readonly logs: Logs,
    start: ReorderStart = FROM_THE_BEGINNING,
  ) {
    this.reorder = new Reorder(LATENESS_MS, start);
  }

  admitNext(input: InputName): void {
    const offset = this.reorder.offsets[input];
    if (offset >= this.logs[input].length) return;
    this.reorder.admit(admittedOf(input, offset, this.logs[input][offset]), recordAt(offset));
    this.watermarks.push(this.reorder.watermarkMs);
  }

  take(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step === 'release') this.release();
      else this.admitNext(step);
    }
  }

  release(): void {
    this.released.push(...this.reorder.release());
  }

  /** Admits up to a pair of offsets, interleaved as the steps say; what the steps leave comes at the end. */
  admitUpTo(until: Readonly<Record<InputName, number>>, steps: readonly Step[]): void {
    for (const step of steps) {
      if (step === 'release') this.release();
      else if (this.reorder.offsets[step] < until[step]) this.admitNext(step);
    }
    for (const input of INPUTS)
      while (this.reorder.offsets[input] < Math.min(until[input], this.logs[input].length)) this.admitNext(input);
  }

  raise(floorMs: number): ForcedAdvance {
    const forced = this.reorder.raiseFloor(floorMs);
    this.watermarks.push(this.reorder.watermarkMs);
    return forced;
  }
}

const time: fc.Arbitrary<Time> = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
/** Mostly rising times, some within the lateness, some far beyond it, some the same as the other input's. */
const log = fc.array(fc.tuple(fc.integer({ min: -30, max: 12 }), fc.nat(9)), { maxLength: 40 }).map((moves) => {
  let now = 100;
  return moves.map(([move, kind]): Time => {
    if (kind === 0) return undefined;
    if (kind === 1) return now - 3 * LATENESS_MS;
    now += Math.max(0, move);
    return now + Math.min(0, move);
  });
});
const logs: fc.Arbitrary<Logs> = fc.record({
  impressions: fc.oneof(log, fc.array(time, { maxLength: 30 })),
  interactions: fc.oneof(log, fc.array(time, { maxLength: 30 })),
});
const steps = fc.array(fc.constantFrom<Step[]>('impressions', 'interactions', 'release'), { maxLength: 150 });
const ends = (of: Logs): Record<InputName, number> => ({
  impressions: of.impressions.length,
  interactions: of.interactions.length,
});

/** The order by its definition: turns from each log alone, then a sort. */
function expectedOrder(of: Logs): string[] {
  const turns = INPUTS.flatMap((input, side) => {
    let newest = -Infinity;
    return of[input].flatMap((at, offset) => {
      // A rejected message waits for nothing.
      if (at === undefined) return [];
      newest = Math.max(newest, at);
      const turnMs = Math.max(at, newest - LATENESS_MS);
      const late = input === 'impressions' && turnMs > at;
      return { turnMs, side, offset, name: `${input} ${offset} at ${turnMs}${late ? ' late' : ''}` };
    });
  });
  turns.sort((a, b) => (a.turnMs === b.turnMs ? a.side - b.side || a.offset - b.offset : a.turnMs < b.turnMs ? -1 : 1));
  return turns.map(({ name }) => name);
}

describe('order of processing', () => {
  it('is a function of the two logs alone: any interleaving and batching gives the order by turn, impressions first, then offset', () => {
    fc.assert(
      fc.property(logs, steps, (given, order) => {
        const run = new Run(given);
        run.admitUpTo(ends(given), order);
        run.release();
        run.released.push(...run.reorder.releaseAll());
        expect(run.released.map(nameOf)).toEqual(expectedOrder(given));
      }),
      { numRuns: 500 },
    );
  });

  it('what is let go before the end is a prefix that no later event belongs into', () => {
    fc.assert(
      fc.property(logs, steps, (given, order) => {
        const run = new Run(given);
        run.admitUpTo(ends(given), order);
        run.release();
        const early = run.released.length;
        expect(run.released.map(nameOf)).toEqual(expectedOrder(given).slice(0, early));
        expect(run.reorder.waitingCount).toBe(expectedOrder(given).length - early);
      }),
      { numRuns: 300 },
    );
  });

  it('stays the same when forced advances are repeated where they happened, however the reads interleave', () => {
    const forcings = fc.array(fc.record({ after: steps, raiseMs: fc.integer({ min: 1, max: 60 }) }), { maxLength: 4 });
    fc.assert(
      fc.property(logs, forcings, fc.infiniteStream(steps), steps, (given, forcings, reorderings, rest) => {
        const first = new Run(given);
        const recorded: ForcedAdvance[] = [];
        for (const { after, raiseMs } of forcings) {
          first.take(after.slice(0, 20));
          const newestMs = Math.max(...INPUTS.map((input) => first.reorder.watermark.newestTimeMs(input)), 0);
          recorded.push(first.raise(Math.max(first.reorder.watermarkMs, newestMs - LATENESS_MS) + raiseMs));
          first.release();
        }
        first.admitUpTo(ends(given), rest);
        first.release();

        const again = new Run(given);
        for (const forced of recorded) {
          again.admitUpTo(forced, reorderings.next().value);
          again.raise(forced.floorMs!);
        }
        again.admitUpTo(ends(given), reorderings.next().value);
        again.release();
        expect(again.released.map(nameOf)).toEqual(first.released.map(nameOf));
        expect(again.reorder.watermarkMs).toBe(first.reorder.watermarkMs);
        expect(again.reorder.releaseAll().map(nameOf)).toEqual(first.reorder.releaseAll().map(nameOf));
      }),
      { numRuns: 300 },
    );
  });

  it('the watermark never goes back, and no event is let go at a turn before one already let go', () => {
    fc.assert(
      fc.property(
        logs,
        steps,
        fc.array(fc.integer({ min: 50, max: 400 }), { maxLength: 3 }),
        (given, order, floors) => {
          const run = new Run(given);
          const cut = Math.ceil(order.length / (floors.length + 1));
          floors.forEach((floorMs, i) => {
            run.take(order.slice(i * cut, (i + 1) * cut));
            run.raise(floorMs);
          });
          run.admitUpTo(ends(given), order);
          run.release();
          for (let i = 1; i < run.watermarks.length; i++)
            expect(run.watermarks[i]).toBeGreaterThanOrEqual(run.watermarks[i - 1]!);
          for (let i = 1; i < run.released.length; i++)
            expect(run.released[i]!.turnMs).toBeGreaterThanOrEqual(run.released[i - 1]!.turnMs);
          for (const { turnMs } of run.released) expect(turnMs).toBeLessThan(run.reorder.watermarkMs);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('nothing is let go twice and nothing is lost', () => {
    fc.assert(
      fc.property(logs, steps, (given, order) => {
        const run = new Run(given);
        run.admitUpTo(ends(given), order);
        run.release();
        run.released.push(...run.reorder.releaseAll());
        const names = run.released.map(({ event }) => `${event.input} ${event.offset}`);
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBe(expectedOrder(given).length);
        expect(run.reorder.waitingBytes).toBe(0);
      }),
    );
  });

  it('the topic that is ahead waits for the other one, and no longer than the floor says', () => {
    const run = new Run({ impressions: [100, 200, 300], interactions: [] });
    run.admitUpTo({ impressions: 3, interactions: 0 }, []);
    run.release();
    expect(run.released).toEqual([]);
    run.raise(250);
    run.release();
    expect(run.released.map(nameOf)).toEqual(['impressions 0 at 100', 'impressions 1 at 200']);
  });

  it('an event that is ahead by the lateness at most moves no other one, and one that is ahead by more makes what follows late', () => {
    const turnsOf = (aheadMs: number): string[] => {
      const run = new Run({ impressions: [100, 110 + aheadMs, 110, 120], interactions: [] });
      run.admitUpTo({ impressions: 4, interactions: 0 }, []);
      return run.reorder
        .releaseAll()
        .map(nameOf)
        .filter((name) => !name.startsWith('impressions 1'));
    };
    const own = ['impressions 0 at 100', 'impressions 2 at 110', 'impressions 3 at 120'];
    expect(turnsOf(0)).toEqual(own);
    expect(turnsOf(LATENESS_MS)).toEqual(own);
    expect(turnsOf(LATENESS_MS + 15)).toEqual([
      'impressions 0 at 100',
      'impressions 2 at 125 late',
      'impressions 3 at 125 late',
    ]);
  });

  it('a list is late when its turn is after its time, an interaction never is', () => {
    const run = new Run({ impressions: [200, 180, 179], interactions: [200, 100] });
    run.admitUpTo({ impressions: 3, interactions: 2 }, []);
    expect(run.reorder.releaseAll().map(nameOf)).toEqual([
      'impressions 1 at 180',
      'impressions 2 at 180 late',
      'interactions 1 at 180',
      'impressions 0 at 200',
      'interactions 0 at 200',
    ]);
  });
});

describe('the rewind point', () => {
  it('a re-read from it gives exactly what was still waiting and what follows, at the same turns', () => {
    const forcings = fc.array(fc.record({ after: steps, raiseMs: fc.integer({ min: 1, max: 60 }) }), { maxLength: 4 });
    fc.assert(
      fc.property(logs, forcings, steps, fc.infiniteStream(steps), (given, forcings, before, reorderings) => {
        const first = new Run(given);
        const recorded: ForcedAdvance[] = [];
        for (const { after, raiseMs } of forcings) {
          first.take(after.slice(0, 20));
          const newestMs = Math.max(...INPUTS.map((input) => first.reorder.watermark.newestTimeMs(input)), 0);
          recorded.push(first.raise(Math.max(first.reorder.watermarkMs, newestMs - LATENESS_MS) + raiseMs));
        }
        first.take(before);
        first.release();
        const at = first.reorder.offsets;
        const start = first.reorder.rewindPoint();
        const applied = first.released.length;

        const again = new Run(given, start);
        for (const forced of recorded) {
          if (forced.impressions <= start.offsets.impressions && forced.interactions <= start.offsets.interactions)
            continue;
          again.admitUpTo(forced, reorderings.next().value);
          again.raise(forced.floorMs!);
        }
        again.admitUpTo(at, reorderings.next().value);
        again.release();
        expect(again.released).toEqual([]);
        expect(again.reorder.waitingCount).toBe(first.reorder.waitingCount);
        expect(again.reorder.watermarkMs).toBe(first.reorder.watermarkMs);

        for (const run of [first, again]) {
          run.admitUpTo(ends(given), reorderings.next().value);
          run.release();
          run.released.push(...run.reorder.releaseAll());
        }
        expect(again.released.map(nameOf)).toEqual(first.released.slice(applied).map(nameOf));
      }),
      { numRuns: 500 },
    );
  });

  it('with nothing waiting it is where the input stands', () => {
    const run = new Run({ impressions: [100, 200], interactions: [100, 200, 300] });
    run.admitUpTo({ impressions: 2, interactions: 3 }, []);
    run.reorder.releaseAll();
    expect(run.reorder.rewindPoint()).toMatchObject({
      offsets: { impressions: 2, interactions: 3 },
      newestMs: { impressions: 200, interactions: 300 },
      floorMs: -Infinity,
      watermarkMs: 180,
    });
  });

  it('goes back no further than the oldest waiting event of each input', () => {
    const run = new Run({ impressions: [100, 300, 310], interactions: [100, 200, 305] });
    run.admitUpTo({ impressions: 3, interactions: 3 }, []);
    run.release();
    expect(run.reorder.rewindPoint()).toMatchObject({
      offsets: { impressions: 1, interactions: 2 },
      newestMs: { impressions: 100, interactions: 200 },
    });
  });
});
