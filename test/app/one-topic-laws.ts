import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Application, type Place, World } from './fixture.js';

const T0 = Date.UTC(2026, 0, 5);
const PAGES = 60;

/** One topic of everything: pages with their own clicks, orders of several products, and what is neither. */
const MAPPING = `impressions:
  shape: row-per-list
  when: { column: kind, equals: page }
  requestId: page
  sessionId: visitor
  eventTimeMs: { column: at, time: ms }
  surface: SEARCH
  items: { each: hits, itemId: sku }
interactions:
  - { perItem: true, when: { column: sku, among: ../opened }, type: CLICK, delayMs: 500 }
  - { when: { column: /kind, equals: order }, each: lines, type: PURCHASE, itemId: sku, requestId: ../page, sessionId: ../visitor, eventTimeMs: { column: ../at, time: ms }, value: paid }
`;

interface Page {
  readonly page: string;
  readonly visitor: string;
  readonly at: number;
  readonly hits: readonly string[];
  readonly opened: readonly string[];
  readonly bought: readonly string[];
}

const pages: readonly Page[] = Array.from({ length: PAGES }, (_, n) => {
  const hits = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${n}`);
  const opened = hits.filter((_, at) => (n + at) % 3 === 0);
  return {
    page: `p${n}`,
    visitor: `v${n % 7}`,
    at: T0 + n * 1000,
    hits,
    opened,
    bought: n % 4 === 0 ? hits.slice(0, 2) : [],
  };
});

/** What plain code knows of a page's samples: label by any click or order, value by the order. */
const expected = (of: readonly Page[]): readonly string[] =>
  of
    .flatMap(({ page, hits, opened, bought }) =>
      hits.map((sku, at) => {
        const label = opened.includes(sku) || bought.includes(sku) ? 1 : 0;
        return `${page}#${at + 1} ${label} ${bought.includes(sku) ? 10 : 0}`;
      }),
    )
    .sort();

const messagesOf = ({ page, visitor, at, hits, opened, bought }: Page): object[] => [
  { kind: 'page', page, visitor, at, hits: hits.map((sku) => ({ sku })), opened },
  { kind: 'scroll', visitor, at },
  ...(bought.length > 0
    ? [{ kind: 'order', page, visitor, at: at + 2_000, lines: bought.map((sku) => ({ sku, paid: 10 })) }]
    : []),
];

/** One topic as both inputs, on any transport. */
export function oneTopicLaws(title: string, place: Place): void {
  describe(`one topic for all event types on ${title}`, () => {
    const world = new World(place, {
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
      join: { attributionWindowMs: 10_000, allowedLatenessMs: 3_000 },
    });
    afterAll(() => world.remove());

    let topicCount = 0;
    const application = (repartition: 'none' | 'session' = 'none') => {
      const mapping = join(world.folder, 'mapping.yaml');
      writeFileSync(mapping, MAPPING);
      const topic = `${world.folder.split('-').at(-1)}.all${++topicCount}`;
      const { config } = world.application({
        wire: { mapping },
        topics: {
          partitions: 2,
          names: { impressions: topic, interactions: topic },
        },
      });
      return new Application({ ...config, transport: { ...config.transport, repartition } });
    };
    const send = (app: ReturnType<typeof application>, messages: readonly object[]) =>
      app.withTransport((transport) =>
        transport.append(
          messages.map((message) => ({
            topic: 'impressions' as const,
            key: Buffer.from((message as { visitor?: string }).visitor ?? 'none'),
            value: Buffer.from(JSON.stringify(message)),
          })),
        ),
      );

    it('without a key, behind the repartition step: each sample once with the right label and value', async () => {
      const app = application('session');
      const anywhere = pages.flatMap(messagesOf).map((message, at) => ({
        topic: 'impressions' as const,
        key: null,
        partition: at % 2,
        value: Buffer.from(JSON.stringify(message)),
      }));
      await app.withTransport((transport) => transport.append(anywhere));
      await app.runToEnd();
      const rows = [...(await app.samples()).values()].map(
        ({ sampleId, label, value }) => `${sampleId} ${label} ${String(value)}`,
      );
      expect(rows.sort()).toEqual(expected(pages));
    });

    it('each sample once with the label and value that plain code knows, over a restart in the middle', async () => {
      const app = application();
      const half = pages.slice(0, PAGES / 2);
      await send(app, half.flatMap(messagesOf));
      await app.runUntilSeen(20);
      await send(app, pages.slice(PAGES / 2).flatMap(messagesOf));
      await send(app, ['not an object' as unknown as object]);
      const accounting = await app.runToEnd();
      const rows = [...(await app.samples()).values()].map(
        ({ sampleId, label, value }) => `${sampleId} ${label} ${String(value)}`,
      );
      expect(rows.sort()).toEqual(expected(pages));
      const clicks = pages.reduce((sum, { opened, bought }) => sum + opened.length + bought.length, 0);
      expect(accounting.interactions).toMatchObject({ joined: clicks, duplicate: 0 });
      // The message that is none is one letter, though it is read twice.
      expect(accounting.impressions.deadLettered + accounting.interactions.deadLettered).toBe(1);
    });
  });
}
