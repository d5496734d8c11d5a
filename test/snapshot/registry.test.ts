import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, MemoryTransport, RecordingLogger, RecordingMetrics } from '../../src/adapters/memory/index.js';
import type { ModelLoader } from '../../src/ports/model.js';
import { aliasesOf, versionOf } from '../../src/snapshot/aliases.js';
import { readCatalogue } from '../../src/snapshot/catalogue.js';
import { createSnapshotFollower, type FollowerDeps } from '../../src/snapshot/follow.js';
import { retirableChunks } from '../../src/snapshot/fold.js';
import { manifestKey } from '../../src/snapshot/keys.js';
import { pack } from '../../src/snapshot/pack.js';
import { nameSnapshot, promoteSnapshot, publishSnapshot, rollBackSnapshot } from '../../src/snapshot/publish.js';
import { selfTestGap, selfTestOf } from '../../src/snapshot/self-test.js';
import { keyringOf, SIGNATURE_HEADER, type Keyring } from '../../src/snapshot/signature.js';
import { configOf } from '../pipeline/kit.js';
import { FEATURE_SET, modelBytes, pointTo, sealed } from './manifests.js';

const clock = new ManualClock({ skipSleeps: true });
const ANA = { who: 'ana', why: 'to go back to' };
let transport: MemoryTransport;

beforeEach(async () => {
  transport = new MemoryTransport({ application: 'test', topics: configOf().topics, clock });
  await transport.prepare();
  return () => transport.close();
});

const brought = (p: number, promote = true) => ({
  ...{ onnx: modelBytes(p), featureSetId: FEATURE_SET, columns: ['one', 'two'], memberCount: 1, promote },
});
async function publish(p: number, promote = true, keyring?: Keyring): Promise<string> {
  return (await publishSnapshot({ transport, clock, keyring }, brought(p, promote))).version;
}

const loader: ModelLoader = {
  load: (onnx, snapshotVersion, featureSetId) => {
    const { p } = JSON.parse(new TextDecoder().decode(onnx)) as { p: number };
    const answer = (rowCount: number) => new Float32Array(rowCount).fill(p);
    return Promise.resolve({
      ...{ snapshotVersion, featureSetId, memberCount: 1 },
      predict: (_rows, rowCount) => Promise.resolve({ probability: answer(rowCount), members: answer(rowCount) }),
      close: () => Promise.resolve(),
    });
  },
};

describe('an alias', () => {
  test('champion, previous and candidate follow what happens', async () => {
    const [first, second, third] = [await publish(0.1), await publish(0.2), await publish(0.3, false)];
    const named = async () => Object.fromEntries(aliasesOf(await readCatalogue(transport)));
    expect(await named()).toEqual({ champion: second, previous: first, candidate: third });
    await rollBackSnapshot({ transport, clock }, FEATURE_SET);
    expect(await named()).toEqual({ champion: first, candidate: third });
  });

  test('of one’s own names a version until it is taken back, and says who and why', async () => {
    const [first] = [await publish(0.1), await publish(0.2)];
    await nameSnapshot({ transport, clock }, 'before-sale', first, ANA);
    const state = await readCatalogue(transport);
    expect(versionOf(state, 'before-sale')).toBe(first);
    expect(state.aliases.get('before-sale')).toMatchObject(ANA);
    await nameSnapshot({ transport, clock }, 'before-sale', null, ANA);
    expect((await readCatalogue(transport)).aliases.size).toBe(0);
  });

  test('keeps the bytes of its version', async () => {
    const versions = [];
    for (const p of [0.1, 0.2, 0.3, 0.4, 0.5]) versions.push(await publish(p));
    expect([...retirableChunks(await readCatalogue(transport), 1).keys()]).toEqual(versions.slice(0, 3));
    await nameSnapshot({ transport, clock }, 'kept', versions[1]!, ANA);
    expect([...retirableChunks(await readCatalogue(transport), 1).keys()]).toEqual([versions[0], versions[2]]);
  });

  test.each(['champion', 'candidate', '000012-3fa9c1', 'With Spaces', 'a/b', ''])(
    '%j cannot be given',
    async (name) => {
      const version = await publish(0.1);
      await expect(nameSnapshot({ transport, clock }, name, version, ANA)).rejects.toMatchObject({
        code: 'alias-invalid',
      });
    },
  );

  test('is of a version that there is', async () => {
    const unknown = { code: 'snapshot-unknown' };
    await expect(nameSnapshot({ transport, clock }, 'mine', '000009-aaaaaa', ANA)).rejects.toMatchObject(unknown);
    await expect(nameSnapshot({ transport, clock }, 'mine', null, ANA)).rejects.toMatchObject(unknown);
  });
});

describe('a signature', () => {
  const pair = () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return {
      secret: { path: 'secret', pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      open: { path: 'open', pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    };
  };
  const [ours, theirs] = [pair(), pair()];
  const signing = keyringOf(ours.secret, [])!;
  const trusting = keyringOf(undefined, [ours.open])!;

  /** Version that scores in an instance with these keys, and what it refused. */
  async function scores(keyring: FollowerDeps['keyring']) {
    const [metrics, logger] = [new RecordingMetrics(), new RecordingLogger()];
    const deps = { transport, loader, clock, logger, metrics, featureSetId: FEATURE_SET };
    const follower = createSnapshotFollower({ ...deps, keyring });
    await follower.catchUp();
    const found = { version: follower.champion()?.snapshotVersion, refusals: JSON.stringify(logger) };
    await follower.close();
    return found;
  }

  test('by a trusted key lets a snapshot score', async () => {
    const version = await publish(0.1, true, signing);
    for (const keyring of [signing, trusting, undefined]) expect((await scores(keyring)).version).toBe(version);
    await expect(promoteSnapshot({ transport, clock, keyring: trusting }, version, FEATURE_SET)).resolves.toBeDefined();
  });

  test('that is missing, or by another key, keeps it out, and the champion before it scores', async () => {
    const sound = await publish(0.1, true, signing);
    await publish(0.2);
    expect(await scores(trusting)).toMatchObject({
      version: sound,
      refusals: expect.stringMatching(/not signed/) as string,
    });
    const foreign = await publish(0.3, true, keyringOf(theirs.secret, []));
    expect(await scores(trusting)).toMatchObject({
      version: sound,
      refusals: expect.stringMatching(/none of the keys/) as string,
    });
    await expect(promoteSnapshot({ transport, clock, keyring: trusting }, foreign, FEATURE_SET)).rejects.toMatchObject({
      code: 'snapshot-refused',
    });
  });

  test('that is missing keeps a roll-back from going there', async () => {
    await publish(0.1);
    const signed = await publish(0.2, true, signing);
    const deps = { transport, clock, keyring: trusting };
    await expect(rollBackSnapshot(deps, FEATURE_SET)).rejects.toThrow(/not signed/);
    expect((await scores(trusting)).version).toBe(signed);
  });

  test('is of this manifest: a changed one, and one under which another model was put, are refused', async () => {
    const sound = await publish(0.1, true, signing);
    const manifest = sealed(modelBytes(0.2), 2, 100);
    const records = pack(manifest, modelBytes(0.2), pointTo(manifest.version, sound), signing);
    const tampered = records.map((record) =>
      new TextDecoder().decode(record.key!) === manifestKey(manifest.version)
        ? { ...record, value: new TextEncoder().encode(JSON.stringify({ ...manifest, memberCount: 2 })) }
        : record,
    );
    expect(tampered.some(({ headers }) => headers?.[SIGNATURE_HEADER])).toBe(true);
    await transport.append(tampered);
    expect((await scores(trusting)).version).toBe(sound);
    await transport.append(records.map((record, at) => (at === 0 ? { ...record, value: modelBytes(0.9) } : record)));
    expect((await scores(trusting)).version).toBe(sound);
  });

  test('needs Ed25519 keys in PEM', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    for (const pem of ['', 'key', rsa.toString()])
      expect(() => keyringOf(undefined, [{ path: 'k.pem', pem }])).toThrow(/k.pem is not an Ed25519 key/);
    expect(keyringOf(undefined, [])).toBeUndefined();
  });
});

describe('a self-test', () => {
  const rows = { rows: Float32Array.of(1, 2, NaN, 4), rowCount: 2, columnCount: 2 };
  const model = (factor: number) => ({
    predict: (values: Float32Array, rowCount: number) => {
      const probability = Float32Array.from({ length: rowCount }, (_, i) => (values[2 * i] || 0) * factor);
      return Promise.resolve({ probability, members: probability });
    },
  });

  test('has rows of the stream, zeros and missing values, and survives JSON', async () => {
    const made = await selfTestOf(model(0.1), rows);
    expect(made.rows).toEqual([
      [1, 2],
      [null, 4],
      [0, 0],
      [null, null],
    ]);
    const read = JSON.parse(JSON.stringify(made)) as typeof made;
    expect(await selfTestGap(model(0.1), read)).toBe(0);
    expect(await selfTestGap(model(0.2), read)).toBeCloseTo(0.1, 6);
  });
});
