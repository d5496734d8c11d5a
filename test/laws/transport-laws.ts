import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/events/partition.js';
import type { InputOffsets, PartitionLease, TopicRole, Transport } from '../../src/ports/transport.js';
import {
  drain,
  eventually,
  joined,
  numbered,
  pause,
  readAll,
  record,
  texts,
  textOf,
  topicsConfig,
  unit,
  utf8,
  type LogUnderTest,
  type MakeLog,
  type Member,
  type TransportLawOptions,
} from './transport-fixture.js';

const PARTITIONS = 2;
const NOTHING: InputOffsets = { impressions: 0, interactions: 0 };
/** An age that any knowledge of the end is younger than. */
const LONG_AGO_MS = 3_600_000;

/** What every {@link Transport} owes the pipeline. `make` gives a fresh log for an application of its own. */
export function transportLaws(name: string, make: MakeLog, options: TransportLawOptions = {}): void {
  const { patienceMs = 60_000, timeoutMs = 240_000, joinMs = 2 } = options;

  describe(`transport laws: ${name}`, { timeout: timeoutMs }, () => {
    let log: LogUnderTest;
    let opened: Transport[];

    const open = async () => {
      const transport = await log.open();
      opened.push(transport);
      return transport;
    };
    const prepared = async () => {
      const transport = await open();
      await transport.prepare();
      return transport;
    };
    const leaseOf = (member: Member, partition: number): Promise<PartitionLease> =>
      eventually(() => member.leases.get(partition), `partition ${partition} assigned`, patienceMs);
    const owner = async (partition = 0) => {
      const member = await joined(await prepared());
      const lease = await leaseOf(member, partition);
      return { member, lease, transport: member.transport };
    };
    const contents = async (transport: Transport, topic: TopicRole, partition?: number) => {
      const reader = await transport.reader([topic], 'earliest', partition);
      const found = await readAll(reader, patienceMs);
      await reader.close();
      return found;
    };

    beforeEach(async () => {
      opened = [];
      const id = randomBytes(5).toString('hex');
      log = await make(`laws-${id}`, topicsConfig(PARTITIONS, `laws-${id}.`));
    }, timeoutMs);
    afterEach(async () => {
      await Promise.all(opened.map((transport) => transport.close()));
      await log.dispose();
    }, timeoutMs);

    describe('topics', () => {
      it('prepare creates every topic once and may be repeated', async () => {
        const transport = await prepared();
        await transport.prepare();
        expect(await transport.partitionCount('impressions')).toBe(PARTITIONS);
        expect(await transport.partitionCount('checkpoints')).toBe(PARTITIONS);
        expect(await transport.partitionCount('snapshots')).toBe(1);
        expect(await transport.endOffsets('training')).toHaveLength(PARTITIONS);
      });

      it('what is missing can be asked before anything is made, and asking makes nothing', async () => {
        const transport = await open();
        const missing = await transport.missingTopics();
        expect(missing.map(({ role }) => role)).toContain('checkpoints');
        expect(missing.every(({ role, topic }) => topic.endsWith(role))).toBe(true);
        expect(await transport.missingTopics()).toEqual(missing);
        await transport.prepare();
        expect(await transport.missingTopics()).toEqual([]);
      });

      it('a record comes back as it was: key, value, headers, a time, and null as null', async () => {
        const transport = await prepared();
        await transport.append([
          record('audit', 'v', { key: 'k', partition: 0, headers: { code: 'undecodable', stage: 'décode' } }),
          record('audit', null, { key: 'k2', partition: 0 }),
          record('audit', '', { partition: 0 }),
        ]);
        const [first, second, third] = await contents(transport, 'audit');
        expect(first).toMatchObject({
          topic: 'audit',
          partition: 0,
          headers: { code: 'undecodable', stage: 'décode' },
        });
        expect([textOf(first!.key), textOf(first!.value)]).toEqual(['k', 'v']);
        expect([textOf(second!.key), second!.value]).toEqual(['k2', null]);
        expect([third!.key, textOf(third!.value)]).toEqual([null, '']);
        for (const { timestampMs } of [first!, second!, third!]) expect(timestampMs).toBeGreaterThan(1_600_000_000_000);
      });

      it('bytes of any kind and size come back whole', async () => {
        const transport = await prepared();
        const values = [randomBytes(1), randomBytes(100_000), randomBytes(900_000)];
        await transport.append(values.map((value) => ({ topic: 'late' as const, key: null, value, partition: 0 })));
        const found = await contents(transport, 'late', 0);
        expect(found).toHaveLength(values.length);
        for (const [i, { value }] of found.entries()) expect(Buffer.compare(value!, values[i]!)).toBe(0);
      });

      it('the same key goes to the same partition, the one murmur2 says', async () => {
        const transport = await prepared();
        const keys = Array.from({ length: 40 }, (_, i) => `session-${i}`);
        await transport.append(keys.map((key) => record('training', key, { key })));
        const found = await contents(transport, 'training');
        expect(found).toHaveLength(keys.length);
        for (const { key, partition } of found) expect(partition).toBe(partitionOf(utf8(textOf(key)!), PARTITIONS));
        expect(new Set(found.map(({ partition }) => partition)).size).toBe(PARTITIONS);
      });

      it('a partition given wins over the key', async () => {
        const transport = await prepared();
        const key = 'session-1';
        const other = 1 - partitionOf(utf8(key), PARTITIONS);
        await transport.append([record('training', 'v', { key, partition: other })]);
        expect((await contents(transport, 'training')).map(({ partition }) => partition)).toEqual([other]);
      });

      it('records without key and partition are all kept', async () => {
        const transport = await prepared();
        await transport.append(numbered('dead-letters', 20));
        const found = texts(await contents(transport, 'dead-letters'));
        expect(found.sort()).toEqual(
          numbered('dead-letters', 20)
            .map(({ value }) => textOf(value))
            .sort(),
        );
      });

      it('a publication is seen whole, in order, of any size, and two at once do not lose one', async () => {
        const [transport, other] = [await prepared(), await prepared()];
        const part = (of: string) =>
          Array.from({ length: 4 }, (_, i) =>
            record('snapshots', of.repeat(700_000), { key: `${of}${i}`, partition: 0 }),
          );
        await Promise.all([transport.publish(part('a')), other.publish(part('b'))]);
        const keys = (await contents(transport, 'snapshots')).map(({ key }) => textOf(key));
        const [first, second] = keys[0] === 'a0' ? ['a', 'b'] : ['b', 'a'];
        expect(keys).toEqual([first, second].flatMap((of) => [0, 1, 2, 3].map((i) => `${of}${i}`)));
      });

      it('a publication that fails leaves nothing', async () => {
        const transport = await prepared();
        // Large ones, so that what fails is not in the first request.
        const sound = ['a', 'b'].map((key) => record('snapshots', key.repeat(700_000), { key, partition: 0 }));
        const nowhere = record('snapshots', 'v', { key: 'nowhere', partition: 99 });
        await expect(transport.publish([...sound, nowhere])).rejects.toThrow();
        await transport.publish([record('snapshots', 'v', { key: 'after', partition: 0 })]);
        expect((await contents(transport, 'snapshots')).map(({ key }) => textOf(key))).toEqual(['after']);
      });

      it('compacted topics keep the newest of each key', async () => {
        const transport = await prepared();
        const rounds = 5;
        for (let round = 0; round < rounds; round++) {
          await transport.append(['a', 'b', 'c'].map((key) => record('snapshots', `${key}${round}`, { key })));
        }
        // A broker compacts when it likes and may still show older ones: the newest of each key is what must be there.
        const newest = new Map(
          (await contents(transport, 'snapshots')).map(({ key, value }) => [textOf(key), textOf(value)]),
        );
        expect(Object.fromEntries(newest)).toEqual({ a: 'a4', b: 'b4', c: 'c4' });
      });
    });

    describe('polls', () => {
      it('bring an input in log order, offsets growing, whatever the bound', async () => {
        const { lease, transport } = await owner();
        await transport.append(numbered('impressions', 50, { partition: 0 }));
        await transport.append(numbered('interactions', 5, { partition: 0 }));
        await lease.seek(NOTHING);
        const found = await drain(lease, 'impressions', patienceMs, 40);
        expect(texts(found)).toEqual(numbered('impressions', 50).map(({ value }) => textOf(value)));
        for (let i = 1; i < found.length; i++) expect(found[i]!.offset).toBeGreaterThan(found[i - 1]!.offset);
        expect(texts(await drain(lease, 'interactions', patienceMs))).toHaveLength(5);
      });

      it('never exceed the bound by more than one record, and bring at least one', async () => {
        const { lease, transport } = await owner();
        const sizes = [10, 300, ...Array<number>(20).fill(40), 1_000, 5, 5, 5, 5, 400];
        await transport.append(sizes.map((size) => record('impressions', 'x'.repeat(size), { partition: 0 })));
        await lease.seek(NOTHING);
        const bound = 100;
        let seen = 0;
        await eventually(
          async () => {
            const { records, caughtUp } = await lease.poll('impressions', bound, 200);
            seen += records.length;
            const withoutLast = records.slice(0, -1).reduce((sum, { value }) => sum + value!.length, 0);
            expect(withoutLast).toBeLessThanOrEqual(bound);
            return caughtUp || undefined;
          },
          'caught up',
          patienceMs,
        );
        expect(seen).toBe(sizes.length);
      });

      it('of messages without bytes, or with all of them in headers, are bounded too', async () => {
        const { transport, lease } = await owner();
        const empty = Array.from({ length: 3_000 }, () => ({
          topic: 'impressions' as const,
          partition: 0,
          key: null,
          value: null,
        }));
        const headers = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`name-${i}`, 'x'.repeat(1_000)]));
        const heavy = Array.from({ length: 300 }, () => ({
          topic: 'interactions' as const,
          partition: 0,
          key: null,
          value: utf8('v'),
          headers,
        }));
        await transport.append([...empty, ...heavy]);
        await lease.seek(NOTHING);
        for (const [input, count, most] of [
          ['impressions', 3_000, 600],
          ['interactions', 300, 3],
        ] as const) {
          const seen: number[] = [];
          while (seen.length < count) {
            const { records } = await lease.poll(input, 20_000, patienceMs);
            expect(records.length).toBeGreaterThan(0);
            expect(records.length).toBeLessThanOrEqual(most);
            seen.push(...records.map(({ offset }) => offset));
          }
          expect(seen).toHaveLength(count);
        }
      });

      it('are caught up exactly at the end, on an empty topic at once', async () => {
        const { lease, transport } = await owner();
        await lease.seek(NOTHING);
        await eventually(
          async () => (await lease.poll('impressions', 1_000, 100)).caughtUp || undefined,
          'caught up',
          patienceMs,
        );
        await transport.append(numbered('impressions', 3, { partition: 0 }));
        const answers: [number, boolean][] = [];
        let seen = 0;
        while (seen < 3) {
          const { records, caughtUp } = await lease.poll('impressions', 1, 500);
          seen += records.length;
          if (records.length > 0) answers.push([seen, caughtUp]);
          // With all three appended, caught up before the third would be a lie.
          if (caughtUp) expect(seen).toBe(3);
        }
        await eventually(
          async () => (await lease.poll('impressions', 1, 100)).caughtUp || undefined,
          'caught up',
          patienceMs,
        );
        expect(answers.length).toBeGreaterThan(0);
      });

      it('see only their own partition', async () => {
        const { lease, transport } = await owner(1);
        await transport.append([
          record('impressions', 'zero', { partition: 0 }),
          record('impressions', 'one', { partition: 1 }),
        ]);
        await lease.seek(NOTHING);
        expect(texts(await drain(lease, 'impressions', patienceMs))).toEqual(['one']);
      });

      it('go on after a seek from where it said, back and forth', async () => {
        const { lease, transport } = await owner();
        await transport.append(numbered('impressions', 10, { partition: 0 }));
        await lease.seek(NOTHING);
        const all = await drain(lease, 'impressions', patienceMs);
        await lease.seek({ impressions: all[4]!.offset, interactions: 0 });
        expect(texts(await drain(lease, 'impressions', patienceMs))).toEqual(texts(all.slice(4)));
        await lease.seek(NOTHING);
        expect(texts(await drain(lease, 'impressions', patienceMs))).toEqual(texts(all));
      });

      it('wait for the first record and are woken by an append of another instance', async () => {
        const { lease } = await owner();
        await lease.seek(NOTHING);
        const waiting = lease.poll('interactions', 1_000, patienceMs);
        const other = await prepared();
        await other.append([record('interactions', 'late riser', { partition: 0 })]);
        expect(texts((await waiting).records)).toEqual(['late riser']);
      });

      it('take nothing once a seek has overtaken them, as the polls of a life that failed', async () => {
        const { lease, transport } = await owner();
        await lease.seek(NOTHING);
        const overtaken = lease.poll('interactions', 1_000, patienceMs);
        await lease.seek(NOTHING);
        await transport.append(numbered('interactions', 10, { partition: 0 }));
        expect(texts(await drain(lease, 'interactions', patienceMs))).toHaveLength(10);
        expect(await overtaken).toEqual({ records: [], caughtUp: false });
      });

      it('end empty when nothing came in the time given', async () => {
        const { lease } = await owner();
        await lease.seek(NOTHING);
        expect((await lease.poll('impressions', 1_000, 50)).records).toEqual([]);
      });
    });

    it('tails read both inputs of every partition from where they were put, to the end, outside any group', async () => {
      const transport = await prepared();
      for (const partition of [0, 1]) {
        await transport.append(numbered('impressions', 20 + partition, { partition }));
        await transport.append(numbered('interactions', 10 + partition, { partition }));
      }
      const { tails, close } = await transport.tails();
      expect(tails.map(({ partition }) => partition)).toEqual([0, 1]);
      for (const tail of tails) {
        await tail.seek({ impressions: 5, interactions: 0 });
        const shown = await drain(tail, 'impressions', patienceMs);
        expect(shown.map(({ offset }) => offset)).toEqual(
          Array.from({ length: 15 + tail.partition }, (_, at) => at + 5),
        );
        expect(await drain(tail, 'interactions', patienceMs)).toHaveLength(10 + tail.partition);
        const { caughtUp, nextOffset } = await tail.poll('interactions', 1_000, 0);
        expect([caughtUp, nextOffset]).toEqual([true, 10 + tail.partition]);
      }
      await close();
    });

    describe('commits', () => {
      it('before the first one the position is the start and there is no progress', async () => {
        const { lease, transport } = await owner();
        expect(await lease.committed()).toEqual({ offsets: NOTHING, progress: null });
        expect((await transport.committedAll()).get(1)?.progress ?? null).toBeNull();
      });

      it('progress and offsets come back after a reopening, up to 4,096 bytes of any text', async () => {
        const { lease, transport } = await owner();
        await transport.append(numbered('impressions', 7, { partition: 0 }));
        const progress = 'é"\\✓{}'.padEnd(4096 - 4, 'x');
        expect(Buffer.byteLength(progress)).toBeLessThanOrEqual(4096);
        const full = progress + 'y'.repeat(4096 - Buffer.byteLength(progress));
        await lease.commit(unit({ impressions: 7, interactions: 0 }, [], full));
        await transport.close();
        const again = await owner();
        const expected = { offsets: { impressions: 7, interactions: 0 }, progress: full };
        expect(await again.lease.committed()).toEqual(expected);
        expect((await again.transport.committedAll()).get(0)).toEqual(expected);
      });

      it('progress of more than 4,096 bytes is refused and changes nothing', async () => {
        const { lease } = await owner();
        const tooLong = unit({ impressions: 1, interactions: 1 }, [record('training', 'v')], 'é'.repeat(2_049));
        await expect(lease.commit(tooLong)).rejects.toMatchObject({ code: 'progress-too-large' });
        expect((await lease.committed()).progress).toBeNull();
      });

      it('the position waits for the commit that is under way', async () => {
        const { lease } = await owner();
        const commit = lease.commit(unit({ impressions: 4, interactions: 2 }, [], 'under way'));
        expect(await lease.committed()).toEqual({
          offsets: { impressions: 4, interactions: 2 },
          progress: 'under way',
        });
        await commit;
      });

      it('each partition has a position of its own', async () => {
        const { member, lease } = await owner(0);
        const other = await leaseOf(member, 1);
        await lease.commit(unit({ impressions: 3, interactions: 1 }, [], 'zero'));
        await other.commit(unit({ impressions: 5, interactions: 2 }, [], 'one'));
        const all = await member.transport.committedAll();
        expect([all.get(0)?.progress, all.get(1)?.progress]).toEqual(['zero', 'one']);
        expect(all.get(1)?.offsets).toEqual({ impressions: 5, interactions: 2 });
      });

      it('of an owner who reads all partitions move the others, too', async () => {
        const { lease, transport } = await owner(0);
        const moved = { impressions: 5, interactions: 2 };
        for (const by of [0, 1]) {
          const others = new Map([[1, { ...moved, interactions: 2 + by }]]);
          await lease.commit({ ...unit({ impressions: 3 + by, interactions: 1 }, [], 'zero'), others });
          const all = await transport.committedAll();
          expect(all.get(0)?.offsets).toEqual({ impressions: 3 + by, interactions: 1 });
          await eventually(
            async () => (await transport.committedAll()).get(1)?.offsets.interactions === 2 + by || undefined,
            'the other partition moved',
            patienceMs,
          );
          expect((await transport.committedAll()).get(1)?.offsets).toEqual({ ...moved, interactions: 2 + by });
        }
      });

      it('bring their records, in order, to readers that follow', async () => {
        const { lease, transport } = await owner();
        const reader = await transport.reader(['training', 'audit'], 'earliest');
        expect(await readAll(reader, patienceMs)).toEqual([]);
        await lease.commit(
          unit(NOTHING, [...numbered('training', 30, { partition: 0 }), ...numbered('audit', 3, { partition: 1 })]),
        );
        const found = await readAll(reader, patienceMs);
        await reader.close();
        const of = (topic: TopicRole) => texts(found.filter((one) => one.topic === topic));
        expect(of('training')).toEqual(numbered('training', 30).map(({ value }) => textOf(value)));
        expect(of('audit')).toEqual(numbered('audit', 3).map(({ value }) => textOf(value)));
      });

      it('that fail leave nothing: no record of any topic, no offset, no progress', async () => {
        const { lease, member, transport } = await owner();
        await lease.commit(
          unit({ impressions: 1, interactions: 0 }, [record('training', 'kept', { partition: 0 })], 'before'),
        );
        const good = [record('training', 'ghost', { partition: 0 }), record('audit', 'ghost', { partition: 0 })];
        const bad = log.failNextCommit ? [] : [record('late', 'nowhere', { partition: 9_999 })];
        log.failNextCommit?.(transport);
        await expect(
          lease.commit(unit({ impressions: 2, interactions: 2 }, [...good, ...bad], 'after')),
        ).rejects.toThrow();
        const reader = await open();
        expect(texts(await contents(reader, 'training'))).toEqual(['kept']);
        expect(texts(await contents(reader, 'audit'))).toEqual([]);
        const committed = (await member.transport.committedAll()).get(0);
        expect(committed).toEqual({ offsets: { impressions: 1, interactions: 0 }, progress: 'before' });
      });

      it('that went wrong can be given again', async ({ skip }) => {
        if (!log.failNextCommit) skip('this adapter has no switch that makes a commit fail');
        const { lease, transport } = await owner();
        log.failNextCommit?.(transport);
        const work = unit({ impressions: 1, interactions: 1 }, [record('training', 'once', { partition: 0 })]);
        await expect(lease.commit(work)).rejects.toThrow();
        await lease.commit(work);
        expect(texts(await contents(transport, 'training'))).toEqual(['once']);
      });
    });

    describe('owners', () => {
      it('leaving aborts the leases, waits for their owners and gives the partitions back', async () => {
        const first = await prepared();
        const ended: number[] = [];
        const leases: PartitionLease[] = [];
        await first.join({
          assigned: async (lease) => {
            leases.push(lease);
            await new Promise((resolve) => lease.signal.addEventListener('abort', resolve, { once: true }));
            await pause(50);
            ended.push(lease.partition);
          },
          failed: () => undefined,
        });
        await eventually(() => leases.length === PARTITIONS || undefined, 'all assigned', patienceMs);
        const [one] = leases;
        await one!.commit(unit({ impressions: 4, interactions: 2 }, [], `by the first of ${one!.partition}`));
        await first.leave();
        expect(ended.sort()).toEqual([0, 1]);
        await expect(one!.commit(unit(NOTHING))).rejects.toMatchObject({ code: 'fenced' });

        const second = await joined(await prepared());
        const lease = await leaseOf(second, one!.partition);
        expect(await lease.committed()).toEqual({
          offsets: { impressions: 4, interactions: 2 },
          progress: `by the first of ${one!.partition}`,
        });
      });

      it('a transport that left may join again', async () => {
        const transport = await prepared();
        const first = await joined(transport);
        await leaseOf(first, 0);
        await transport.leave();
        const again = await joined(transport);
        const lease = await leaseOf(again, 0);
        await lease.commit(unit({ impressions: 1, interactions: 0 }, [], 'again'));
        expect((await lease.committed()).progress).toBe('again');
      });

      it('leaving gives up a join that is under way, whenever: nobody stays in the group', async () => {
        const leaver = await prepared();
        await leaver.partitionCount('impressions');
        for (let afterMs = -1; afterMs <= joinMs; afterMs += Math.max(1, joinMs / 30)) {
          const joining = joined(leaver);
          if (afterMs >= 0) await pause(afterMs);
          await leaver.leave();
          await joining;
        }
        expect(await leaver.othersInGroup()).toEqual([]);
        const next = await joined(await prepared());
        for (const partition of [0, 1]) await leaseOf(next, partition);
      });

      it('when another one takes a partition over, the older lease is fenced and its signal aborts', async () => {
        const older = await joined(await prepared());
        const before = new Map([
          [0, await leaseOf(older, 0)],
          [1, await leaseOf(older, 1)],
        ]);
        log.silence?.(older.transport);
        const newer = await joined(await prepared());
        const [partition, lease] = await eventually(() => [...newer.leases][0], 'a partition moved', patienceMs);
        const lost = before.get(partition)!;
        await expect(
          lost.commit(unit({ impressions: 9, interactions: 9 }, [record('training', 'zombie', { partition: 0 })])),
        ).rejects.toMatchObject({ code: 'fenced' });
        await eventually(() => lost.signal.aborted || undefined, 'signal aborted', patienceMs);
        await lease.commit(
          unit({ impressions: 1, interactions: 0 }, [record('training', 'alive', { partition: 0 })], 'newer'),
        );
        expect(texts(await contents(newer.transport, 'training'))).toEqual(['alive']);
        expect((await lease.committed()).progress).toBe('newer');
      });

      it('a poll under an aborted lease ends soon', async () => {
        const { lease, transport } = await owner();
        await lease.seek(NOTHING);
        const poll = lease.poll('impressions', 1_000, 24 * 3_600_000).catch(() => 'rejected');
        await pause(20);
        await transport.leave();
        await poll;
      });
    });

    describe('readers', () => {
      it('from the latest see only what came after', async () => {
        const transport = await prepared();
        await transport.append(numbered('snapshots', 3, { key: 'old' }));
        const reader = await transport.reader(['snapshots'], 'latest');
        expect(await reader.caughtUp()).toBe(true);
        await transport.append([record('snapshots', 'new', { key: 'new' })]);
        expect(texts(await readAll(reader, patienceMs))).toEqual(['new']);
        await reader.close();
      });

      it('of one partition see only that partition', async () => {
        const transport = await prepared();
        await transport.append([
          record('checkpoints', 'zero', { key: 'z', partition: 0 }),
          record('checkpoints', 'one', { key: 'o', partition: 1 }),
        ]);
        expect(texts(await contents(transport, 'checkpoints', 1))).toEqual(['one']);
      });

      it('are not caught up while something committed is unread', async () => {
        const transport = await prepared();
        const reader = await transport.reader(['audit'], 'earliest');
        await eventually(async () => (await reader.caughtUp()) || undefined, 'caught up on nothing', patienceMs);
        await transport.append(numbered('audit', 2));
        expect(await reader.caughtUp()).toBe(false);
        await readAll(reader, patienceMs);
        expect(await reader.caughtUp()).toBe(true);
        await reader.close();
      });

      it('learn of what was committed, even where what they know of the end may be old', async () => {
        const transport = await prepared();
        const reader = await transport.reader(['audit'], 'earliest');
        const isAtEnd = async (): Promise<boolean> => reader.caughtUp(LONG_AGO_MS);
        await eventually(async () => (await isAtEnd()) || undefined, 'caught up on nothing', patienceMs);
        await transport.append(numbered('audit', 2));
        await eventually(async () => !(await isAtEnd()) || undefined, 'news of the end', patienceMs);
        expect(texts(await readAll(reader, patienceMs))).toHaveLength(2);
        await eventually(async () => (await isAtEnd()) || undefined, 'caught up again', patienceMs);
        await reader.close();
      });

      it('are not caught up with a topic that was never asked for, after others were', async () => {
        const transport = await prepared();
        await transport.endOffsets('impressions');
        await (await prepared()).append([record('checkpoints', 'v', { key: 'k', partition: 0 })]);
        const reader = await transport.reader(['checkpoints'], 'earliest', 0);
        expect(await reader.caughtUp()).toBe(false);
        expect(texts(await readAll(reader, patienceMs))).toEqual(['v']);
        await reader.close();
      });

      it('are woken by an append of another instance', async () => {
        const [transport, other] = [await prepared(), await prepared()];
        const reader = await transport.reader(['snapshots'], 'earliest');
        const waiting = eventually(
          async () => {
            const found = await reader.poll(1_000);
            return found.length > 0 ? found : undefined;
          },
          'a record',
          patienceMs,
        );
        await other.append([record('snapshots', 'hello', { key: 'h' })]);
        expect(texts(await waiting)).toEqual(['hello']);
        await reader.close();
      });

      it('that are closed bring nothing more', async () => {
        const transport = await prepared();
        const reader = await transport.reader(['audit'], 'earliest');
        await reader.close();
        await reader.close();
        expect(await reader.poll(10).catch(() => [])).toEqual([]);
      });
    });

    it('end offsets grow by what was appended', async () => {
      const transport = await prepared();
      const before = await transport.endOffsets('interactions');
      await transport.append(numbered('interactions', 4, { partition: 1 }));
      const after = await transport.endOffsets('interactions');
      expect(after[0]).toBe(before[0]);
      expect(after[1]).toBeGreaterThanOrEqual(before[1]! + 4);
    });

    it('closing twice is closing once', async () => {
      const transport = await prepared();
      await transport.close();
      await transport.close();
    });
  });
}
