import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, MemoryTransport, silentLogger } from '../../../src/adapters/memory/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { takeChampionOf } from '../../../src/lab/replay/champion-then.js';
import { publishSnapshot, readCatalogue, unpack } from '../../../src/snapshot/index.js';

const { topics } = configSchema.parse({});

describe('the champion that a replay begins with', () => {
  const clock = new ManualClock({ nowMs: 1_000 });
  let source: MemoryTransport;
  let own: MemoryTransport;

  beforeEach(async () => {
    source = new MemoryTransport({ application: 'a', topics, clock });
    own = new MemoryTransport({ application: 'b', topics, clock });
    for (const transport of [source, own]) await transport.prepare();
  });

  /** Publishes a model that is champion at once. */
  const publish = async (atMs: number, text: string): Promise<string> => {
    clock.jump(atMs - clock.nowMs());
    const onnx = new TextEncoder().encode(text);
    const { version } = await publishSnapshot(
      { transport: source, clock },
      { onnx, featureSetId: 'f', columns: ['x'], memberCount: 1, promote: true },
    );
    return version;
  };
  const taken = (atMs: number, featureSetId = 'f') =>
    takeChampionOf(atMs, { source, own, featureSetId, keyring: undefined, clock, logger: silentLogger });

  test('is the one of then, never one of later, and no fit of the replay', async () => {
    const first = await publish(2_000, 'first');
    await publish(4_000, 'second');
    expect(await taken(3_999)).toBe(first);
    const state = await readCatalogue(own);
    const { manifest, onnx } = unpack(state, state.pointer!.version, 'f');
    expect(new TextDecoder().decode(onnx)).toBe('first');
    expect(manifest.trainedOn.seen).toBeNull();
  });

  test('is none where there was none, or where it is of another feature set', async () => {
    await publish(2_000, 'first');
    expect(await taken(1_999)).toBeNull();
    expect(await taken(3_000, 'another')).toBeNull();
    expect((await readCatalogue(own)).pointer).toBeUndefined();
  });
});
