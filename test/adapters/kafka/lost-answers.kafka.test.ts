import { afterEach, describe, expect, test } from 'vitest';
import { leaseOf, readAll, record, world, type World } from './fixture.js';
import { Scissors } from './scissors.js';

const END_TRANSACTION = 26;
const PRODUCE = 0;
const COMMIT_OFFSETS_IN_TRANSACTION = 28;

let current: World | undefined;
afterEach(async () => {
  await current?.closeAll();
  current = undefined;
});

describe('a unit is committed exactly once although the connection is cut', () => {
  const cases = [
    ['before the commit is sent', END_TRANSACTION, 'request'],
    ['when the answer to the commit arrives', END_TRANSACTION, 'answer'],
    ['before the records are sent', PRODUCE, 'request'],
    ['when the answer to the records arrives', PRODUCE, 'answer'],
    ['when the answer to the offsets arrives', COMMIT_OFFSETS_IN_TRANSACTION, 'answer'],
  ] as const;

  test.each(cases)('%s', async (_, apiKey, at) => {
    current = world(1);
    const scissors = new Scissors();
    const transport = current.open({ requestTimeoutMs: 5_000 }, scissors.factory);
    await transport.prepare();
    const { lease, owner } = await leaseOf(transport);
    const unit = (number: number) => ({
      records: [record('training', `s${number}`), record('audit', `a${number}`)],
      offsets: { impressions: number, interactions: number },
      progress: 'the same in every unit',
    });
    await lease.commit(unit(1));
    scissors.armed = { apiKey, at };
    await lease.commit(unit(2));
    await lease.commit(unit(3));
    expect(scissors.cutCount).toBe(1);
    expect(owner.failures).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
    const reader = await transport.reader(['training', 'audit'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value).sort()).toEqual(['a1', 'a2', 'a3', 's1', 's2', 's3']);
    await reader.close();
    expect((await transport.committedAll()).get(0)?.offsets).toEqual({ impressions: 3, interactions: 3 });
  });

  test('and appended records are not doubled when an answer is lost', async () => {
    current = world(2);
    const scissors = new Scissors();
    const transport = current.open({ requestTimeoutMs: 5_000 }, scissors.factory);
    await transport.prepare();
    await transport.append([record('impressions', 'first', 0)]);
    scissors.armed = { apiKey: PRODUCE, at: 'answer' };
    await transport.append([
      record('impressions', 'a', 0),
      record('impressions', 'b', 1),
      record('impressions', 'c', 0),
    ]);
    expect(scissors.cutCount).toBe(1);
    const reader = await transport.reader(['impressions'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value).sort()).toEqual(['a', 'b', 'c', 'first']);
    await reader.close();
  });
});
