import { describe, expect, test } from 'vitest';
import { dueTrigger, lastFit, type TriggerView } from '../../src/learn/trigger.js';
import type { SnapshotManifest } from '../../src/snapshot/manifest.js';

const view = (given: Partial<TriggerView>): TriggerView => ({
  retrain: { everySamples: 1_000, everyMs: 60_000, onDrift: true },
  last: { seen: 5_000, atMs: 1_000_000 },
  seen: 5_010,
  nowMs: 1_000_010,
  drifted: false,
  ...given,
});

describe('a fit is due', () => {
  test('after enough samples', () => {
    expect(dueTrigger(view({ seen: 5_999 }))).toBeUndefined();
    expect(dueTrigger(view({ seen: 6_000 }))).toBe('samples');
  });

  test('after enough time, given a new sample, unless never by time', () => {
    expect(dueTrigger(view({ nowMs: 1_060_000 }))).toBe('time');
    expect(dueTrigger(view({ nowMs: 1_060_000, seen: 5_000 }))).toBeUndefined();
    expect(
      dueTrigger(view({ nowMs: 9e12, retrain: { everySamples: 1_000, everyMs: 0, onDrift: true } })),
    ).toBeUndefined();
  });

  test('on drift, unless switched off', () => {
    expect(dueTrigger(view({ drifted: true }))).toBe('drift');
    expect(
      dueTrigger(view({ drifted: true, retrain: { everySamples: 1_000, everyMs: 0, onDrift: false } })),
    ).toBeUndefined();
  });

  test('when the application was reset to a count far below the last fit', () => {
    expect(dueTrigger(view({ seen: 1_500 }))).toBe('samples');
    expect(dueTrigger(view({ seen: 4_990 }))).toBeUndefined();
  });
});

describe('the last fit', () => {
  const manifest = (createdAtMs: number, seen: number | null) =>
    ({ createdAtMs, trainedOn: { seen } }) as unknown as SnapshotManifest;

  test('is the newest of what was published by a learner and what was tried here', () => {
    const published = [manifest(10, 100), manifest(20, 200), manifest(30, null)];
    expect(lastFit(published, { seen: 150, atMs: 15 }, 1)).toEqual({ seen: 200, atMs: 20 });
    expect(lastFit(published, { seen: 300, atMs: 25 }, 1)).toEqual({ seen: 300, atMs: 25 });
    expect(lastFit([], undefined, 1)).toEqual({ seen: 0, atMs: 1 });
  });

  test('before this process began still counts: a restart does not fit at once', () => {
    expect(lastFit([manifest(20, 200)], undefined, 1_000)).toEqual({ seen: 200, atMs: 20 });
  });
});
