import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resetApplication } from '../../src/app/reset.js';
import type { Config } from '../../src/config/schema.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { Application, factsOf, resetDeps, type Place, World } from './fixture.js';
import { startSluice } from './process-child.js';
import { bySession, KEEP, messages, scattered, traffic, turned } from './repartition-laws.js';

/** What a list of topics for an input promises, on any transport. */
export function severalTopicsLaws(title: string, place: Place): void {
  describe(`several topics for an input on ${title}`, () => {
    const world = new World(place, KEEP);
    afterAll(() => world.remove());
    const sent = traffic(600);
    const listCount = sent.filter(({ topic }) => topic === 'impressions').length;

    /** Topics by input, of a fresh application. */
    const named = (config: Config, lists: readonly string[], acts: readonly string[]): Application => {
      const { topics } = config;
      const full = (names: readonly string[]): string[] => names.map((name) => topics.prefix + name);
      const names = { impressions: full(lists), interactions: full(acts) };
      return turned({ ...config, topics: { ...topics, names } }, 'session');
    };
    const LISTS = ['search', 'feed'];
    const ACTS = ['clicks', 'orders', 'carts'];

    /** Writes each message to one of the topics of its input. */
    const write = async (to: Application, records: readonly NewRecord[], lists = LISTS, acts = ACTS): Promise<void> => {
      const { config } = to;
      const { topics } = config;
      for (const [index, [list, act]] of acts.map((name, at) => [lists[at % lists.length]!, name] as const).entries()) {
        const names = { impressions: topics.prefix + list, interactions: topics.prefix + act };
        const one = new Application({
          ...config,
          topics: { ...topics, names },
          transport: { ...config.transport, repartition: 'none' },
        });
        const mine = records.filter(
          ({ topic }, at) => at % (topic === 'impressions' ? lists.length : acts.length) === index,
        );
        await one.withTransport((transport) => transport.append(mine));
      }
    };
    let expected: Promise<Map<string, unknown>> | undefined;
    const rightly = async (): Promise<Map<string, unknown>> => {
      const right = turned(world.application().config, 'none');
      await right.withTransport((transport) => transport.append(messages(sent, bySession)));
      await right.runToEnd();
      return factsOf(await right.samples());
    };

    it('the samples are those of one topic, to the bit, whatever lies where', async () => {
      expected ??= rightly();
      const several = named(world.application().config, LISTS, ACTS);
      await write(several, messages(sent, scattered));
      const { impressions, interactions } = await several.runToEnd();
      expect(impressions.read).toBe(3 * listCount);
      expect(interactions.joined).toBe(sent.length - listCount);
      expect(factsOf(await several.samples())).toEqual(await expected);
    });

    it('killed and started again, fed in between: the same samples, each once', async () => {
      expected ??= rightly();
      const { config } = world.application({ state: { checkpointEveryMs: 100 }, batch: { maxBytes: 20_000 } });
      const several = named(config, LISTS, ACTS);
      const all = messages(sent, scattered);
      const file = join(world.folder, `killed-${several.config.application}.json`);
      writeFileSync(file, JSON.stringify({ ...several.config, log: { level: 'info' } }));
      const parts = 3;
      for (let part = 0; part < parts; part++) {
        await write(several, all.slice((part * all.length) / parts, ((part + 1) * all.length) / parts));
        const child = startSluice(['run', '--config', file]);
        await child.said('moving messages to the partitions of their sessions');
        await new Promise((resolve) => setTimeout(resolve, 300 * part));
        child.signal('SIGKILL');
        await child.ended;
      }
      await several.runToEnd();
      expect(factsOf(await several.samples())).toEqual(await expected);
    });

    it('positions are kept by topic: one that is added is read from its beginning, one that is left out no longer', async () => {
      const { config } = world.application();
      const lists = messages(sent, bySession).filter(({ topic }) => topic === 'impressions');
      const of = (from: number, to: number): NewRecord[] => lists.slice(from, to);
      const first = named(config, ['search'], ['clicks']);
      await write(first, of(0, 100), ['search'], ['clicks']);
      expect((await first.runToEnd()).impressions.read).toBe(300);
      // Another one before it: its positions are its own all the same.
      const both = named(config, ['feed', 'search'], ['clicks']);
      await write(both, of(100, 120), ['search'], ['clicks']);
      await write(both, of(120, 150), ['feed'], ['clicks']);
      expect((await both.runToEnd()).impressions.read).toBe(450);
      const last = named(config, ['feed'], ['clicks']);
      await write(last, of(150, 160), ['search'], ['clicks']);
      await write(last, of(160, 180), ['feed'], ['clicks']);
      expect((await last.runToEnd()).impressions.read).toBe(510);
      // What lay there meanwhile is read when it is back, and `reset` passes over all of them.
      await write(both, of(180, 190), ['feed'], ['clicks']);
      expect((await both.runToEnd()).impressions.read).toBe(570);
      await write(both, of(190, 200), ['search'], ['clicks']);
      await both.withTransport((transport) => resetApplication(both.config, transport, 'end', resetDeps()));
      await write(both, of(200, 210), ['feed'], ['clicks']);
      expect((await both.runToEnd()).impressions.read).toBe(30);
    });

    it('topics of different sizes are refused by name', async () => {
      const { config } = world.application();
      const small = { ...config, topics: { ...config.topics, partitions: 2 } };
      await write(new Application(small), [], ['feed'], ['clicks']);
      const several = named({ ...config, topics: { ...config.topics, partitions: 4 } }, ['search', 'feed'], ['orders']);
      await write(several, [], ['search'], ['orders']);
      await expect(several.runToEnd()).rejects.toMatchObject({
        code: 'partition-counts-differ',
        message: expect.stringContaining(`${config.topics.prefix}feed`) as string,
      });
    });
  });
}
