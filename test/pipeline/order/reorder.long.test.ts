import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admitted } from '../../../src/pipeline/admitted.js';
import type { Waiting } from '../../../src/pipeline/order/event-heap.js';
import type { Belief, ForcedAdvance } from '../../../src/pipeline/order/decree.js';
import { advancesSince, withDecree } from '../../../src/pipeline/order/forced-advances.js';
import { ENOUGH_AGAINST, ENOUGH_FOR } from '../../../src/pipeline/order/held-ahead.js';
import { FROM_THE_BEGINNING, Reorder, type ReorderStart } from '../../../src/pipeline/order/reorder.js';
import { INPUTS, type InputName, type LogRecord } from '../../../src/ports/transport.js';
import { cleanInteraction, cleanList } from '../kit.js';
import { randomOf } from '../traffic.js';

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
    credibleMs = Infinity,
  ) {
    this.reorder = new Reorder({ allowedLatenessMs: LATENESS_MS, credibleMs }, start);
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

describe('an event far ahead of its topic', () => {
  const CREDIBLE_MS = 2 * LATENESS_MS;
  const holding = (given: Logs, start?: ReorderStart): Run => new Run(given, start, CREDIBLE_MS);
  const steady = (count: number, fromMs: number): number[] => Array.from({ length: count }, (_, n) => fromMs + 3 * n);
  const offsetsOf = (refuted: ReturnType<Reorder['takeRefuted']>): string[] =>
    refuted.map(({ event }) => `${event.input} ${event.offset}`);

  /** Turns of one topic beside a quiet other one, by event time: absurd ones are far beyond. */
  function turnsOf(times: readonly Time[]): { turns: string[]; refuted: string[] } {
    const run = holding({ impressions: times, interactions: [] });
    run.admitUpTo({ impressions: times.length, interactions: 0 }, []);
    run.reorder.letGo();
    const turns = run.reorder
      .releaseAll()
      .map(({ event, turnMs, lateRecord }) => `${event.timeMs} at ${turnMs}${lateRecord ? ' late' : ''}`);
    return { turns, refuted: offsetsOf(run.reorder.takeRefuted()) };
  }

  it('leaves every other turn as without it, wherever it stands and however far ahead it is, and is refused', () => {
    const good = steady(150, 1_000);
    const without = turnsOf(good);
    expect(without.refuted).toEqual([]);
    fc.assert(
      fc.property(fc.nat(147), fc.integer({ min: 500, max: 10_000_000 }), (at, aheadMs) => {
        const absurd = good[at]! + aheadMs;
        const { turns, refuted } = turnsOf([...good.slice(0, at), absurd, ...good.slice(at)]);
        expect(turns).toEqual(without.turns);
        expect(refuted).toEqual([`impressions ${at}`]);
      }),
      { numRuns: 200 },
    );
  });

  it('moves nobody as long as those like it are a fifth of the messages, in any mixture', () => {
    const good = new Set(steady(400, 1_000));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 500, max: 100_000 }), (seed, aheadMs) => {
        const random = randomOf(seed);
        // One more than the steps of the good ones, so that no time is of both.
        const times = [...good].map((at) => (random() < 0.2 ? at + 3 * aheadMs + 1 : at));
        const { turns } = turnsOf(times);
        expect(turns.filter((turn) => good.has(Number.parseInt(turn)) && turn.endsWith('late'))).toEqual([]);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it.each([
    ['runs twice as fast', (ms: number) => 2 * ms],
    ['runs a fifth faster', (ms: number) => 1.2 * ms],
    ['is ahead by a little more than is credible', (ms: number) => ms + 24_000],
    ['is ahead by twice as much', (ms: number) => ms + 40_000],
  ])('makes fewer than one in a hundred late of those that come in order, whose clock %s', (_name, clock) => {
    let goodCount = 0;
    let lateCount = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomOf(seed);
      const reorder = new Reorder({ allowedLatenessMs: 20_000, credibleMs: 20_000 }, FROM_THE_BEGINNING);
      const good = new Set<number>();
      for (let offset = 0; offset < 3_000; offset++) {
        const atMs = offset * 200;
        const isGood = random() >= 0.2;
        const timeMs = Math.floor(isGood ? atMs : clock(atMs));
        if (isGood) good.add(offset);
        reorder.admit(admittedOf('impressions', offset, timeMs), { ...recordAt(offset), timestampMs: timeMs });
      }
      reorder.letGo();
      goodCount += good.size;
      lateCount += reorder.releaseAll().filter(({ event, lateRecord }) => lateRecord && good.has(event.offset)).length;
    }
    expect(lateCount).toBeLessThan(goodCount / 100);
  });

  it('is followed once enough of a topic that jumped have come, each at the turn that it would have had', () => {
    const times = [...steady(20, 1_000), ...steady(ENOUGH_FOR, 50_000)];
    const run = holding({ impressions: times, interactions: [] });
    run.admitUpTo({ impressions: times.length - 1, interactions: 0 }, []);
    expect(run.reorder.watermark.newestTimeMs('impressions')).toBe(1_057);
    run.admitNext('impressions');
    expect(run.reorder.watermark.newestTimeMs('impressions')).toBe(times.at(-1));
    expect(run.reorder.heldCount).toBe(0);
    expect(turnsOf(times)).toEqual({ turns: times.map((at) => `${at} at ${at}`), refuted: [] });
  });

  it('is believed where messages of old events were written when it says it happened', () => {
    const times = [...steady(50, 1_000), 50_000, ...steady(2 * ENOUGH_AGAINST, 1_200)];
    const run = holding({ impressions: times, interactions: [] });
    times.forEach((timeMs, offset) => {
      const writtenMs = offset < 50 ? timeMs : 50_000 + (offset % 30);
      run.reorder.admit(admittedOf('impressions', offset, timeMs), { ...recordAt(offset), timestampMs: writtenMs });
    });
    expect(run.reorder.takeRefuted()).toEqual([]);
    expect(run.reorder.watermark.newestTimeMs('impressions')).toBe(50_000);
  });

  it('is held with at most as many others as it takes to decide', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 500, maxLength: 500 }), (times) => {
        const run = holding({ impressions: times, interactions: [] });
        for (let n = 0; n < times.length; n++) {
          run.admitNext('impressions');
          expect(run.reorder.heldCount).toBeLessThanOrEqual(ENOUGH_FOR + ENOUGH_AGAINST);
        }
      }),
      { numRuns: 50 },
    );
  });

  /** Times that rise, with events far ahead among them, and jumps of the whole topic. */
  const wildLog = fc
    .tuple(
      fc.integer({ min: 0, max: 60 }),
      fc.array(fc.tuple(fc.nat(99), fc.integer({ min: 0, max: 300 })), { maxLength: 250 }),
    )
    .map(([wildShare, moves]) => {
      let now = 100;
      return moves.map(([kind, ms]): Time => {
        if (kind < wildShare) return now + CREDIBLE_MS + 10 * ms;
        if (kind === 99) return undefined;
        if (kind === 98) now += 20 * ms;
        now += ms % 8;
        return now - (ms % 30);
      });
    });
  const wildLogs: fc.Arbitrary<Logs> = fc.record({ impressions: wildLog, interactions: wildLog });
  const forcings = fc.array(
    fc.record({
      after: steps,
      kind: fc.constantFrom('raise' as const, 'vouch' as const),
      input: fc.constantFrom<InputName>('impressions', 'interactions'),
      ms: fc.integer({ min: 1, max: 4_000 }),
    }),
    { maxLength: 6 },
  );

  /** Lives through some steps with decrees between them. @returns what a progress record would hold of these */
  function liveThrough(
    run: Run,
    given: readonly { after: readonly Step[]; kind: string; input: InputName; ms: number }[],
  ) {
    let recorded: readonly (ForcedAdvance | Belief)[] = [];
    for (const { after, kind, input, ms } of given) {
      run.take(after);
      const wasIdle = run.reorder.isLastRaiseIdle;
      const decree =
        kind === 'raise'
          ? run.raise(Math.max(run.reorder.watermarkMs, run.reorder.watermark.furthestMs, 0) + (ms % 60))
          : run.reorder.vouch(input, Math.max(run.reorder.watermark.newestTimeMs(input), 0) + ms);
      recorded = withDecree(recorded, decree, wasIdle) as readonly (ForcedAdvance | Belief)[];
      run.release();
    }
    return recorded;
  }
  function repeat(run: Run, decrees: readonly (ForcedAdvance | Belief)[], order: () => readonly Step[]): void {
    for (const decree of decrees) {
      run.admitUpTo(decree, order());
      if ('believes' in decree) run.reorder.vouch(decree.believes, decree.upToMs);
      else run.raise(decree.floorMs!);
    }
  }

  it('comes to the same end however the reads interleave and whenever it is let go, with decrees repeated where they were', () => {
    let decided = 0;
    fc.assert(
      fc.property(wildLogs, forcings, fc.infiniteStream(steps), (given, decrees, reorderings) => {
        const order = (): readonly Step[] => reorderings.next().value;
        const [first, again] = [holding(given), holding(given)];
        const recorded = liveThrough(first, decrees);
        repeat(again, recorded, order);
        for (const run of [first, again]) {
          run.admitUpTo(ends(given), order());
          run.release();
          run.reorder.letGo();
          run.released.push(...run.reorder.releaseAll());
        }
        expect(again.released.map(nameOf)).toEqual(first.released.map(nameOf));
        const refuted = [first, again].map(({ reorder }) => offsetsOf(reorder.takeRefuted()).sort());
        expect(refuted[1]).toEqual(refuted[0]);
        decided += refuted[0]!.length;
        expect(again.reorder.watermarkMs).toBe(first.reorder.watermarkMs);
      }),
      { numRuns: 300 },
    );
    expect(decided).toBeGreaterThan(100);
  });

  it('is found again by a re-read from the rewind point, with all that was for and against it', () => {
    let held = 0;
    fc.assert(
      fc.property(
        wildLogs,
        forcings,
        steps,
        steps,
        fc.infiniteStream(steps),
        (given, decrees, more, rest, reorderings) => {
          const order = (): readonly Step[] => reorderings.next().value;
          const first = holding(given);
          let recorded = liveThrough(first, decrees);
          first.take(more);
          first.release();
          const start = JSON.parse(JSON.stringify(first.reorder.rewindPoint(), asText), asNumber) as ReorderStart;
          const released = first.released.length;
          const refuted = offsetsOf(first.reorder.takeRefuted()).length;
          held += first.reorder.heldCount;
          // It goes on a while before it ends.
          const lived = liveThrough(first, [{ after: rest, kind: 'vouch', input: 'impressions', ms: 900 }]);
          recorded = [...recorded, ...lived];
          first.release();
          const at = first.reorder.offsets;

          const again = holding(given, start);
          repeat(again, advancesSince(recorded, start) as readonly (ForcedAdvance | Belief)[], order);
          again.admitUpTo(at, order());
          again.release();
          expect(again.reorder.heldOf('impressions')).toEqual(first.reorder.heldOf('impressions'));
          expect(again.reorder.heldOf('interactions')).toEqual(first.reorder.heldOf('interactions'));
          expect(again.reorder.waitingCount).toBe(first.reorder.waitingCount);
          expect(again.reorder.watermarkMs).toBe(first.reorder.watermarkMs);
          for (const run of [first, again]) {
            run.admitUpTo(ends(given), order());
            run.release();
            run.reorder.letGo();
            run.released.push(...run.reorder.releaseAll());
          }
          expect(again.released.map(nameOf)).toEqual(first.released.slice(released).map(nameOf));
          void refuted;
        },
      ),
      { numRuns: 400 },
    );
    expect(held).toBeGreaterThan(100);
  });

  const asText = (_name: string, value: unknown): unknown => (value === -Infinity ? '-Infinity' : value);
  const asNumber = (_name: string, value: unknown): unknown => (value === '-Infinity' ? -Infinity : value);
});
