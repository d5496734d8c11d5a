import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/conduct/rules.js';
import { FLAG_BITS } from '../../../src/events/flags.js';
import { METRICS, recordingFault } from '../../../src/observe/metric-names.js';
import {
  CAUGHT_COUNTS,
  COUNTS,
  decodeCounts,
  FLAGGED_COUNTS,
  noCounts,
} from '../../../src/pipeline/progress/counts.js';
import { decodeProgress, encodeProgress, NO_PROGRESS } from '../../../src/pipeline/progress/progress.js';
import storedIds from './stored-ids.json' with { type: 'json' };

/** What a release before ids wrote: the counts of its list, in its order, as text and as the numbers of one before that. */
const OLD_NAMES =
  'impressionsRead impressionsDuplicate impressionsDeadLettered interactionsRead interactionsJoined interactionsUnmatched interactionsLate interactionsDuplicate interactionsDeadLettered samplesSeen samplesKept samplesAudit samplesDropped samplesPositive closedEarly weightSum weightVariance predicted predictedSum predictedPositive predictedLogLoss caughtBySessionRate caughtByImpossibleDwell caughtByClickEverything interactionsDiverted flaggedSessionRate flaggedImpossibleDwell flaggedClickEverything flaggedContradicted contradictions valuesIgnored impossibleOtherSession impossibleOtherItem impossibleBeforeShown identifyingIds listsCleaned listsMisplaced interactionsCleaned interactionsMisplaced'.split(
    ' ',
  );
const OLD_VALUES = OLD_NAMES.map((_, at) => (at === 15 ? 1234.5 : 1000 + at));
const OLD_TEXT =
  'rs rt ru rv rw rx ry rz s0 s1 s2 s3 s4 s5 s6 ~1234.5 s8 s9 sa sb sc sd se sf sg sh si sj sk sl sm sn so sp sq sr ss st su';

/** Files of a folder of the sources, whole. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
}

describe('the counts of the stream', () => {
  it('have an id each, which no other has', () => {
    const ids = COUNTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(COUNTS.map(({ name }) => name)).size).toBe(ids.length);
  });

  it('keep the ids under which they were ever stored: an id that is given up is never that of another count', () => {
    const ledger: Readonly<Record<string, string>> = storedIds.counts;
    // A new count: add its line to stored-ids.json. A count that goes: leave its line there.
    for (const { id, name } of COUNTS) expect({ id, name }).toEqual({ id, name: ledger[id] });
  });

  it('are read from the records of earlier releases', () => {
    const expected = Object.fromEntries(OLD_NAMES.map((name, at) => [name, OLD_VALUES[at]]));
    expect(decodeCounts(OLD_TEXT)).toMatchObject(expected);
    expect(decodeCounts(OLD_VALUES)).toMatchObject(expected);
  });

  it('are stored by id, whatever the order in which they are declared', () => {
    for (const { id, name } of COUNTS) {
      const written = JSON.parse(encodeProgress({ ...NO_PROGRESS, counts: { ...noCounts(), [name]: 7 } })) as {
        c: string;
      };
      expect(written.c.split(' ').findIndex((text) => text === '7')).toBe(id);
      expect(decodeProgress(JSON.stringify({ ...written, v: 1 })).counts).toEqual({ ...noCounts(), [name]: 7 });
    }
  });

  it('stand at one place each of the accounting, and none inside another', () => {
    const paths = COUNTS.flatMap(({ at }) => (at === undefined ? [] : [at as string]));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((one) => paths.some((other) => other.startsWith(`${one}.`)))).toEqual([]);
  });

  it('name only counters that are declared, with labels that these have', () => {
    for (const { metric } of COUNTS)
      if (metric) expect(recordingFault('counter', metric[0], 1, metric[1] ?? {})).toBeUndefined();
    const shown = COUNTS.flatMap(({ metric }) => (metric ? [JSON.stringify(metric)] : []));
    expect(new Set(shown).size).toBe(shown.length);
    expect(Object.keys(METRICS)).toEqual(expect.arrayContaining(COUNTS.flatMap(({ metric }) => metric?.[0] ?? [])));
  });

  it('are each counted by some part of the stream', () => {
    const counting = sources(path.resolve('src/pipeline')).join('\n');
    const named = [...counting.matchAll(/counts\.(\w+)(?:\+\+| [+-]= )/g)].map(([, name]) => name!);
    const patterns = [...counting.matchAll(/counts\[`([^`]+)`\](?:\+\+| [+-]= )/g)].map(
      ([, text]) => new RegExp(`^${text!.replace(/\$\{[^}]+\}/g, '\\w+')}$`),
    );
    const ofFlags: string[] = [...Object.values(CAUGHT_COUNTS), ...Object.values(FLAGGED_COUNTS)];
    const isCounted = (name: string): boolean =>
      named.includes(name) || ofFlags.includes(name) || patterns.some((pattern) => pattern.test(name));
    expect(named.length).toBeGreaterThan(20);
    expect(COUNTS.map(({ name }) => name).filter((name) => !isCounted(name))).toEqual([]);
  });
});

describe('the flags of samples', () => {
  it('keep the bits under which they were ever stored, one each, and leave the two highest to the join', () => {
    const ledger: Readonly<Record<string, string>> = storedIds.flagBits;
    for (const [flag, bit] of Object.entries(FLAG_BITS)) expect([flag, ledger[Math.log2(bit)]]).toEqual([flag, flag]);
    const bits = Object.values(FLAG_BITS);
    expect(new Set(bits).size).toBe(bits.length);
    expect(Math.max(...bits)).toBeLessThan(0x40);
  });

  it('of rules on conduct remember numbers under names of their own', () => {
    const names = Object.values(RULES).flatMap(({ remembers }): readonly string[] => remembers);
    expect(new Set([...names, 'touchedMs', 'caught', 'keys', 'leaving']).size).toBe(names.length + 4);
  });
});
