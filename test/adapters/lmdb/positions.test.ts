import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { InputOffsets, Transport } from '../../../src/ports/transport.js';
import { eventually, joined, numbered, unit } from '../../laws/transport-fixture.js';
import { StoreFolder } from './store-fixture.js';

const at = (impressions: number, interactions: number): InputOffsets => ({ impressions, interactions });
const names = (impressions: string[]): ConfigInput['topics'] => ({ partitions: 1, names: { impressions } });
let folder: StoreFolder;

beforeEach(async () => {
  folder = await StoreFolder.make();
});
afterEach(() => folder.remove());

/** A transport that has joined, over some topics of impressions. */
async function over(topics: string[], keepsPositionsByTopic = true, transport = {}): Promise<Transport> {
  const opened = folder.open({ topics: names(topics), keepsPositionsByTopic, transport });
  await opened.prepare();
  return opened;
}

async function offsets(transport: Transport): Promise<readonly InputOffsets[]> {
  return [...(await transport.committedAll()).values()].map((each) => each.offsets);
}

describe('positions of the embedded store that are kept by topic', () => {
  it('those of an earlier release, kept by number, belong to the topic that they were of', async () => {
    const before = await over(['search'], false);
    await before.append(numbered('impressions', 5));
    const { leases } = await joined(before);
    await leases.get(0)!.commit(unit(at(3, 0)));
    await before.leave();
    const after = await over(['feed', 'search']);
    await joined(after);
    expect(await offsets(after)).toEqual([at(0, 0), at(3, 0)]);
    await after.leave();
    // Once they are by topic, those by number say nothing more.
    const last = await over(['clips', 'search', 'feed']);
    await joined(last);
    expect(await offsets(last)).toEqual([at(0, 0), at(3, 0), at(0, 0)]);
  });

  it('retention deletes of each topic what has been read of it, and nothing of one that waits', async () => {
    const feed = await over(['feed'], false);
    await feed.append(numbered('impressions', 4));
    const both = await over(['search', 'feed'], true, { inputRetentionMs: 1 });
    await both.append(numbered('impressions', 4));
    const { leases } = await joined(both);
    const left = async (): Promise<string> => {
      const reader = await both.reader(['impressions'], 'earliest');
      const found: number[] = [];
      while (!(await reader.caughtUp())) for (const { offset } of await reader.poll(0)) found.push(offset);
      await reader.close();
      return found.join();
    };
    const until = (what: string): Promise<unknown> =>
      eventually(async () => ((await left()) === what ? true : undefined), what, 15_000);
    await leases.get(0)!.commit({ ...unit(at(4, 0)), neededFrom: at(4, 0), others: new Map([[1, at(0, 0)]]) });
    await until('0,1,2,3');
    await leases.get(0)!.commit({ ...unit(at(4, 0)), neededFrom: at(4, 0), others: new Map([[1, at(2, 0)]]) });
    await until('2,3');
  });
});
