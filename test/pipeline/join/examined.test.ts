import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { Surface } from '../../../src/events/words.js';
import { takeClosed } from '../../../src/pipeline/close/close.js';
import { decodeProgress, type Progress } from '../../../src/pipeline/progress/progress.js';
import { feed, live, outputsOf, progressOf, readAll, type Life, type World } from '../instance.js';
import { cleanInteraction, cleanItem, cleanList, configOf, T0 } from '../kit.js';
import { Story } from '../story.js';
import { trafficOf } from '../traffic.js';

type Label = NonNullable<ConfigInput['label']>;

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;
const JOIN = { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, lateRetentionMs: 5_000 };

const storyOf = (label: Label, join: ConfigInput['join'] = {}): Story =>
  new Story({ join: { ...JOIN, ...join }, label });
const act = (type: 'CLICK' | 'VIEW' | 'DISMISS' | 'PURCHASE', itemId: string, requestId = 'r1', afterMs = 1) =>
  cleanInteraction(type, T0 + afterMs, itemId, { requestId });
/** Items that became samples with their labels, and how many impressions did not. */
const emitted = (story: Story): readonly [samples: string, unexaminedCount: number] => {
  const { lists, labels, places, rowCount, unexaminedCount } = takeClosed(story.state.join, story.config.label, 1e6);
  const samples = lists.map(({ shown }, i) => `${shown.items[places[i]!]!.itemId}${labels[i]!}`);
  expect(rowCount).toBe(samples.length);
  return [samples.join(' '), unexaminedCount];
};

describe('what counts as examined', () => {
  it('is all that is shown, unless a setting says otherwise', () => {
    const story = storyOf({});
    story.show(cleanList('r1', T0, ['a', 'b', 'c']));
    story.act(act('CLICK', 'a'));
    story.finish();
    expect(emitted(story)).toEqual(['a1 b0 c0', 0]);
  });

  it('under viewed is what anything was done with, a VIEW being enough', () => {
    const story = storyOf({ examined: 'viewed' });
    story.show(cleanList('r1', T0, ['a', 'b', 'c', 'd', 'e']));
    story.act(act('VIEW', 'b'), act('DISMISS', 'd'), act('CLICK', 'e'));
    story.finish();
    expect(emitted(story)).toEqual(['b0 d0 e1', 2]);
  });

  it.each([
    [0, 'a0 b1 c0 d1 f0', 2],
    [1, 'a0 b1 c0 d1 e0 f0', 1],
    [9, 'a0 b1 c0 d1 e0 f0 g0', 0],
  ])(
    'above the last click is what stands above it, %i below it, and what was viewed',
    (examinedBelow, samples, left) => {
      const story = storyOf({ examined: 'above-last-click', examinedBelow });
      story.show(cleanList('r1', T0, ['a', 'b', 'c', 'd', 'e', 'f', 'g']));
      story.act(act('PURCHASE', 'b'), act('CLICK', 'd'), act('VIEW', 'f'));
      story.finish();
      expect(emitted(story)).toEqual([samples, left]);
    },
  );

  it('above the last click is all of a list without one, whatever the other lists have', () => {
    const story = storyOf({ examined: 'above-last-click' });
    story.show(cleanList('r1', T0, ['a', 'b']), cleanList('r2', T0 + 1, ['c', 'd']));
    story.act(act('VIEW', 'a', 'r1', 2), act('CLICK', 'c', 'r2', 2));
    story.finish();
    expect(emitted(story)).toEqual(['a0 b0 c1', 1]);
  });

  it('goes by positions, not by the order in the message', () => {
    const story = storyOf({ examined: 'above-last-click' });
    story.show(cleanList('r1', T0, [cleanItem('low', 30), cleanItem('clicked', 20), cleanItem('high', 10)]));
    story.act(act('CLICK', 'clicked'));
    story.finish();
    expect(emitted(story)).toEqual(['clicked1 high0', 1]);
  });

  it('is told by surface', () => {
    const story = storyOf({ surfaceExamined: { AD: 'viewed' } });
    story.show(cleanList('r1', T0, ['a', 'b']), cleanList('r2', T0, ['c', 'd'], { surface: 'AD' }));
    story.act(act('VIEW', 'd', 'r2'));
    story.finish();
    expect(emitted(story)).toEqual(['a0 b0 d0', 1]);
  });

  it('goes by what came in the window: a later click brings nothing back', () => {
    const story = storyOf({ examined: 'viewed' });
    story.show(cleanList('r1', T0, ['a', 'b']));
    story.act(act('VIEW', 'a'), act('CLICK', 'b', 'r1', WINDOW_MS + 2));
    story.finish();
    expect(emitted(story)).toEqual(['a0', 1]);
    expect(story.counts.interactionsLate).toBe(1);
  });

  it('of a list that closes early, in parts, is told of each part by what had come by then', () => {
    const story = storyOf({ examined: 'above-last-click' }, { maxOpenImpressions: 4 });
    story.show(cleanList('r1', T0, ['a', 'b', 'c', 'd']));
    story.act(act('CLICK', 'a', 'r1', 1));
    story.show(cleanList('r2', T0 + 2, ['e', 'f']));
    story.act(act('CLICK', 'd', 'r1', 3));
    story.finish();
    expect(emitted(story)).toEqual(['a1 c0 d1 e0 f0', 1]);
  });

  it('changes no feature: what is shown counts as shown, seen or not', () => {
    const rowsOf = (label: Label): number[] => {
      const story = storyOf(label);
      story.show(cleanList('r1', T0, ['a', 'b', 'c']));
      story.act(act('CLICK', 'a'));
      story.advance(T0 + WINDOW_MS + 2);
      return [...story.row(story.show(cleanList('r2', T0 + WINDOW_MS + 3, ['c'])))];
    };
    expect(rowsOf({ examined: 'above-last-click' })).toEqual(rowsOf({}));
  });
});

/** A row of a training or audit topic, as far as these laws look at it. */
interface Row {
  readonly sampleId: string;
  readonly requestId: string;
  readonly eventTimeMs: number;
  readonly surface: Surface;
  readonly position: number;
  readonly outcome: string;
}

function worldOf(label: Label): World {
  const config = configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    clean: { maxFutureMs: 2_000 },
    join: { ...JOIN, idleTimeoutMs: 1_000_000_000, surfaceWindowsMs: { AD: 4_000 } },
    label,
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 5_000 },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

async function rowsOf(world: World): Promise<readonly Row[]> {
  const records = await readAll(world, ['training', 'audit']);
  return records.map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as Row);
}

/** What it says but for its selection's id, which names what counts as examined. */
const said = ({ selectionId: _id, ...row }: Row & { selectionId?: string }): string => JSON.stringify(row);

async function progressIn(world: World): Promise<Progress> {
  return decodeProgress(await progressOf(world));
}

/** The rule once more, from the samples of a run in which all counted as examined. */
function examinedAmong(rows: readonly Row[], label: Label): readonly Row[] {
  const lists = new Map<string, Row[]>();
  for (const row of rows) {
    const list = `${row.requestId} ${row.eventTimeMs}`;
    lists.set(list, [...(lists.get(list) ?? []), row]);
  }
  const isClicked = ({ outcome }: Row): boolean => ['CLICK', 'ADD_TO_CART', 'PURCHASE'].includes(outcome);
  return rows.filter((row) => {
    const way = label.surfaceExamined?.[row.surface] ?? label.examined;
    if (row.outcome !== 'NONE' || way === 'all' || way === undefined) return true;
    if (way === 'viewed') return false;
    const clicked = lists.get(`${row.requestId} ${row.eventTimeMs}`)!.filter(isClicked);
    return clicked.length === 0 || clicked.some(({ position }) => position + label.examinedBelow! >= row.position);
  });
}

const way = fc.constantFrom('all', 'viewed', 'above-last-click');
const stop: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.oneof(
  fc.record({ noise: fc.nat(1e6), failAtCommit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ noise: fc.nat(1e6), loseAnswerAtCommit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ noise: fc.nat(1e6), stopAfterCommits: fc.integer({ min: 1, max: 25 }), retires: fc.boolean() }),
);

describe('an application that leaves out what was not examined', () => {
  it('has the samples that the rule says, each as it is where all counts, through stops and kills', async () => {
    let leftOut = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.record({ examined: way, surfaceExamined: fc.record({ AD: way }), examinedBelow: fc.nat(2) }),
        fc.array(stop, { maxLength: 4 }),
        async (seed, label, stops) => {
          const { records } = trafficOf({ seed, lists: 50, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
          const all = worldOf({});
          await feed(all, records);
          const some = { ...worldOf(label), log: all.log.copy() };
          const broken = { ...some, log: all.log.copy() };
          await live(all, { untilEnd: true });
          await live(some, { untilEnd: true });
          for (const life of stops) await live(broken, { ...life, untilEnd: false, stopAfterUnits: 300 });
          expect((await live(broken, { untilEnd: true })).isDone).toBe(true);

          const whole = await rowsOf(all);
          const expected = examinedAmong(whole, label);
          expect((await rowsOf(some)).map(said)).toEqual(expected.map(said));
          expect(await outputsOf(broken)).toEqual(await outputsOf(some));
          const { counts } = await progressIn(broken);
          expect(counts.impressionsUnexamined).toBe(whole.length - expected.length);
          expect(counts.samplesSeen).toBe(expected.length);
          leftOut += counts.impressionsUnexamined;
        },
      ),
      { numRuns: 15 },
    );
    expect(leftOut).toBeGreaterThan(50);
  });

  it('judges by the new setting what a stop under another one had closed and not written, whatever the drain kept', async () => {
    let waited = 0;
    for (let seed = 1; seed <= 3; seed++) {
      const { records } = trafficOf({ seed, lists: 60, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
      const outputs: unknown[] = [];
      for (const retires of [false, true]) {
        const world = worldOf({ examined: 'viewed' });
        await feed(world, records);
        const stopped = { untilEnd: false, noise: seed, scoresUntil: 10, stopAfterUnits: 80, retires };
        const { partition } = await live(world, stopped);
        const { join } = partition!.state;
        for (const lane of join.lanes)
          for (let at = lane.emittedBefore; at < lane.openFrom; at++) if (lane.isUnexamined(at)) waited++;
        const before = await progressIn(world);
        await live({ ...world, config: worldOf({}).config }, { untilEnd: true });
        const { counts } = await progressIn(world);
        expect(counts.impressionsUnexamined).toBe(before.counts.impressionsUnexamined);
        const { impressionsRead, impressionsDuplicate, impressionsDeadLettered } = counts;
        const opened = impressionsRead - impressionsDuplicate - impressionsDeadLettered;
        expect(counts.samplesSeen + counts.impressionsUnexamined).toBe(opened);
        outputs.push(await outputsOf(world));
      }
      expect(outputs[1]).toEqual(outputs[0]);
    }
    expect(waited).toBeGreaterThan(10);
  });
});
