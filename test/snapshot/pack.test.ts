import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import {
  emptyFold,
  foldSnapshots,
  letGoOfBytes,
  manifestsOf,
  nextSequence,
  retirableChunks,
} from '../../src/snapshot/fold.js';
import { parseSnapshotKey } from '../../src/snapshot/keys.js';
import { compareVersions, parseManifest, sequenceOf, snapshotVersion } from '../../src/snapshot/manifest.js';
import { CHUNK_BYTES, championRecord, pack, retire, sealManifest } from '../../src/snapshot/pack.js';
import { unpack, wasLetGo } from '../../src/snapshot/unpack.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { asRead, draft, FEATURE_SET, pointTo, sealed } from './manifests.js';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
const keyOf = ({ key }: NewRecord) => new TextDecoder().decode(key!);

function folded(records: readonly NewRecord[]) {
  const state = emptyFold();
  foldSnapshots(state, asRead(records));
  return state;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    return thrown instanceof SluiceError ? thrown.code : String(thrown);
  }
  return 'accepted';
}

describe('a packed snapshot', () => {
  test('is unpacked to the same bytes and manifest, whatever the sizes', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 70 }), (onnx, chunkBytes) => {
        const manifest = sealed(onnx, 3, chunkBytes);
        const snapshot = unpack(folded(pack(manifest, onnx)), manifest.version, FEATURE_SET);
        expect([...snapshot.onnx]).toEqual([...onnx]);
        expect(snapshot.manifest).toEqual(manifest);
      }),
    );
  });

  test('of before calibration was recorded still loads, as one that was not calibrated', () => {
    const { calibration: _, ...older } = sealed(Uint8Array.of(1));
    const value = new TextEncoder().encode(JSON.stringify(older));
    expect(parseManifest(older.version, value)).toEqual({ ...older, calibration: null });
  });

  test('is chunks, then manifest, then pointer, all on one partition', () => {
    const onnx = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const manifest = sealed(onnx);
    const { version } = manifest;
    const records = pack(manifest, onnx, pointTo(version));
    expect(records.map(keyOf)).toEqual([
      `chunk/${version}/0`,
      `chunk/${version}/1`,
      `chunk/${version}/2`,
      `manifest/${version}`,
      'champion',
    ]);
    expect(records.every(({ partition, topic }) => partition === 0 && topic === 'snapshots')).toBe(true);
    expect(pack(manifest, onnx).map(keyOf)).not.toContain('champion');
  });

  test('has chunks of at most 900 kB', () => {
    const onnx = new Uint8Array(2_000_000);
    const records = pack(sealManifest(draft(), onnx, 1), onnx);
    expect(records.slice(0, -1).map(({ value }) => value!.byteLength)).toEqual([CHUNK_BYTES, CHUNK_BYTES, 200_000]);
    expect(CHUNK_BYTES).toBeLessThanOrEqual(900_000);
  });

  test('is complete whenever a pointer to it was read, at every length of the log', () => {
    fc.assert(
      fc.property(
        fc.array(bytes, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        (files, chunkBytes) => {
          const log = files.flatMap((onnx, i) => {
            const manifest = sealed(onnx, i + 1, chunkBytes);
            return pack(manifest, onnx, pointTo(manifest.version));
          });
          const state = emptyFold();
          for (const record of asRead(log)) {
            foldSnapshots(state, [record]);
            if (state.pointer) expect(() => unpack(state, state.pointer!.version, FEATURE_SET)).not.toThrow();
          }
        },
      ),
    );
  });

  test('read twice is read once', () => {
    const onnx = Uint8Array.of(1, 2, 3, 4, 5);
    const manifest = sealed(onnx);
    const log = asRead(pack(manifest, onnx, pointTo(manifest.version)));
    const once = emptyFold();
    foldSnapshots(once, log);
    const twice = emptyFold();
    foldSnapshots(twice, [...log, ...log]);
    expect(twice).toEqual(once);
  });
});

describe('a snapshot is refused', () => {
  const onnx = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const manifest = sealed(onnx);
  const { version } = manifest;
  const records = pack(manifest, onnx);

  test('when any one byte of any chunk changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = onnx.map((byte, i) => (i === at ? byte ^ by : byte));
        expect(codeOf(() => unpack(folded(pack(manifest, changed)), version))).toBe('snapshot-refused');
      }),
    );
  });

  test('when any one chunk is missing or retired', () => {
    for (const gone of [0, 1, 2]) {
      expect(codeOf(() => unpack(folded(records.filter((_, i) => i !== gone)), version))).toBe('snapshot-refused');
      expect(codeOf(() => unpack(folded([...records, ...retire(new Map([[version, [gone]]]))]), version))).toBe(
        'snapshot-refused',
      );
    }
  });

  test('when it was fitted on another feature set', () => {
    expect(codeOf(() => unpack(folded(records), version, 'another'))).toBe('snapshot-refused');
    expect(codeOf(() => unpack(folded(records), version))).toBe('accepted');
  });

  test('when its manifest is absent, no JSON, or about another version', () => {
    expect(codeOf(() => unpack(folded(records.slice(0, -1)), version))).toBe('snapshot-refused');
    for (const text of [
      '{',
      'null',
      '{}',
      JSON.stringify({ ...manifest, version: '000009-abcdef' }),
      JSON.stringify({ ...manifest, bytes: -1 }),
    ]) {
      const broken = { ...records.at(-1)!, value: new TextEncoder().encode(text) };
      expect(codeOf(() => unpack(folded([...records.slice(0, -1), broken]), version))).toBe('snapshot-refused');
    }
  });

  test('as unknown when the topic has no trace of it', () => {
    expect(codeOf(() => unpack(folded(records), '000009-abcdef'))).toBe('snapshot-unknown');
  });

  test('a pointer that cannot be read points to nothing there is', () => {
    const state = folded([
      ...records,
      { ...championRecord(pointTo(version)), value: new TextEncoder().encode('oops') },
    ]);
    expect(codeOf(() => unpack(state, state.pointer!.version))).toBe('snapshot-unknown');
  });

  test('never by a record of a foreign key', () => {
    for (const key of ['champion/x', 'chunk/a/b', 'chunk/a', 'manifest', 'else', ''])
      expect(parseSnapshotKey(new TextEncoder().encode(key))).toBeUndefined();
    expect(parseSnapshotKey(null)).toBeUndefined();
  });
});

describe('versions', () => {
  test('sort in the order of their sequence, past a million too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000_000 }), fc.integer({ min: 1, max: 3_000_000 }), (a, b) => {
        const [left, right] = [snapshotVersion(a, 'ffffff00'), snapshotVersion(b, '00000000')];
        expect(sequenceOf(left)).toBe(a);
        if (a !== b) expect(Math.sign(compareVersions(left, right))).toBe(Math.sign(a - b));
      }),
    );
    expect(snapshotVersion(12, '3fa9c1dd')).toBe('000012-3fa9c1');
  });

  test('are never given twice, even after a publication that broke off', () => {
    const onnx = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const torso = pack(sealed(onnx, 7), onnx).slice(0, 1);
    expect(nextSequence(folded(torso))).toBe(8);
    expect(nextSequence(emptyFold())).toBe(1);
  });

  test('a manifest reads back as it was written', () => {
    const manifest = sealed(Uint8Array.of(1, 2));
    expect(parseManifest(manifest.version, new TextEncoder().encode(JSON.stringify(manifest)))).toEqual(manifest);
  });
});

describe('old snapshots', () => {
  const files = Array.from({ length: 6 }, (_, i) => Uint8Array.of(i, i + 1, i + 2, i + 3, i + 4));
  const manifests = files.map((onnx, i) => sealed(onnx, i + 1));
  const [first, second] = manifests.map(({ version }) => version) as [string, string];
  const log = files.flatMap((onnx, i) => pack(manifests[i]!, onnx));

  test('give up their bytes but the newest, the champion and the one before it; manifests stay', () => {
    const records = [...log, championRecord(pointTo(second, first))];
    const gone = retirableChunks(folded(records), 2);
    expect([...gone.keys()]).toEqual([manifests[2]!.version, manifests[3]!.version]);
    const after = folded([...records, ...retire(gone)]);
    expect(manifestsOf(after)).toEqual(manifests);
    expect(manifests.map(({ version }) => codeOf(() => unpack(after, version)))).toEqual([
      ...['accepted', 'accepted', 'snapshot-refused', 'snapshot-refused', 'accepted', 'accepted'],
    ]);
    expect(retirableChunks(after, 2).size).toBe(0);
  });

  test('leave the memory of a follower, which knows that they are still on the topic', () => {
    const state = folded([...log, championRecord(pointTo(first))]);
    letGoOfBytes(state, 1);
    expect(manifests.map(({ version }) => wasLetGo(state, version))).toEqual([false, true, true, true, true, false]);
    expect(codeOf(() => unpack(state, first))).toBe('accepted');
    expect(nextSequence(state)).toBe(7);
  });
});
