import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { describeFeatures } from '../../../src/app/describe.js';
import { type Observation, openObservation } from '../../../src/app/observation.js';
import { runSluice } from '../../../src/app/run.js';
import { partitionOfText } from '../../../src/events/partition.js';
import type { Logger } from '../../../src/ports/logger.js';
import { type Application, type Changes, embedded, type Row, World } from '../fixture.js';

const TOKEN = 'sixteen characters';
const PARTITIONS = 2;
/** A while ago, so that everything sent is of the past. */
const BEGAN_MS = Date.now() - 3_600_000;
const SECOND_MS = 1_000;

const tableFolder = mkdtempSync(join(tmpdir(), 'sluice-shop-'));
const shop = join(tableFolder, 'shop.csv');
writeFileSync(shop, `item,margin,since\na,1,${BEGAN_MS}\na,2,${BEGAN_MS + 45 * SECOND_MS}\nb,3,${BEGAN_MS}\n`);

const world = new World(embedded, {
  tables: [{ name: 'shop', from: { file: shop }, rowKey: 'item', time: 'since' }],
  topics: { partitions: PARTITIONS },
  join: { attributionWindowMs: 10_000, allowedLatenessMs: 1_000, idleTimeoutMs: 300, lateRetentionMs: 60_000 },
  selection: { budget: 1, auditFraction: 0 },
  features: {
    declared: [
      { name: 'score', from: 'items.attributes.score', kind: 'number' },
      { name: 'brand', from: 'items.attributes.brand', kind: 'category' },
      { name: 'margin', from: 'tables.shop.margin', kind: 'number' },
    ],
    state: [{ name: 'userBrand', kind: 'count', by: ['user', 'brand'], of: 'CLICK' }],
    history: { session: { acted: 5, shown: 4 }, user: { acted: 5 } },
  },
  encoder: { enabled: false },
});
afterAll(() => {
  world.remove();
  rmSync(tableFolder, { recursive: true, force: true });
});

const list = (nth: number, sessionId: string, more: object = {}): object => ({
  requestId: `r${nth}`,
  eventTimeMs: BEGAN_MS + nth * 30 * SECOND_MS,
  surface: (['SEARCH', 'AD', 'RECOMMENDATION'] as const)[nth % 3],
  sessionId,
  userId: `user of ${sessionId}`,
  query: nth % 2 === 0 ? 'shoe' : '',
  colour: 'a field that the schema does not name',
  items: ['a', 'b', 'c'].map((itemId, i) => ({
    itemId,
    position: i + 1,
    price: 10 * (i + nth),
    attributes: { score: String(nth / 7 + i), brand: `b${i % 2}` },
  })),
  ...more,
});

interface Sent {
  readonly sessionId: string;
  readonly eventTimeMs: number;
}

/** What a request at POST /v1/features gives. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly items?: readonly { readonly itemId: string; readonly features: readonly (number | null)[] }[];
  };
}

/** An application that runs and answers over HTTP. */
class Serving {
  private constructor(
    readonly application: Application,
    private readonly observation: Observation,
    private readonly ended: Promise<unknown>,
    private readonly stop: AbortController,
    private readonly url: string,
  ) {}

  static async start(changes: Changes = {}): Promise<Serving> {
    const tokenFile = join(world.folder, 'token');
    writeFileSync(tokenFile, TOKEN);
    const application = world.application({
      serving: { enabled: true, port: 0, tokenFile, maxBytes: 20_000 },
      http: { enabled: 'on', port: 0, events: true, eventsTokenFile: tokenFile },
      ...changes,
    });
    let url = '';
    const logger: Logger = {
      ...silentLogger,
      info: (message, fields) => {
        if (message === 'serving features') url = String(fields?.['url']);
      },
    };
    const { config } = application;
    const observation = await openObservation(config, logger, systemClock, false);
    const stop = new AbortController();
    const { metrics, health, watcher } = observation;
    const ended = runSluice(config, {
      untilEnd: false,
      signal: stop.signal,
      logger: silentLogger,
      metrics,
      health,
      ...(watcher ? { watcher } : {}),
    });
    return new Serving(application, observation, ended, stop, url);
  }

  async ask(body: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`${this.url}/v1/features`, body, headers);
  }

  /** Asks until the run is ready and everything that was sent is counted. */
  async settled(about: object): Promise<Answer> {
    const newestMs = this.newestMs.get((about as Sent).sessionId) ?? 0;
    for (;;) {
      const answer = await this.ask(about);
      const { waitingCount, watermarkMs } = answer.body;
      const isCounted = answer.status === 200 && waitingCount === 0 && Number(watermarkMs ?? 0) >= newestMs;
      if (answer.status !== 503 && (answer.status !== 200 || isCounted)) return answer;
      await systemClock.sleep(50);
    }
  }

  /** Event time of what was sent last, by session. */
  private readonly newestMs = new Map<string, number>();

  async send(input: 'impressions' | 'interactions', event: object): Promise<void> {
    const answer = await this.post(`${this.observation.url}/v1/${input}`, event);
    expect(answer.status).toBe(200);
    const { sessionId, eventTimeMs } = event as Sent;
    this.newestMs.set(sessionId, eventTimeMs);
  }

  async metric(name: string): Promise<string | undefined> {
    const text = await (await fetch(`${this.observation.url}/metrics`)).text();
    return text.split('\n').find((line) => line.startsWith(name));
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.ended;
    await this.observation.close();
  }

  private async post(url: string, body: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  }
}

const sessionOn = (partition: number): string => {
  let nth = 0;
  while (partitionOfText(`s${nth}`, PARTITIONS) !== partition) nth++;
  return `s${nth}`;
};

describe('POST /v1/features', () => {
  it.each([1, 2])('answers the rows that the lists become samples with, partitions in %i threads', async (threads) => {
    const serving = await Serving.start({ run: { threads } });
    const asked = new Map<string, readonly unknown[]>();
    const histories = new Map<string, unknown>();
    const sessions = [sessionOn(0), sessionOn(1)];
    for (let nth = 0; nth < 4; nth++) {
      const message = list(nth, sessions[nth >> 1]!);
      const answer = await serving.settled(message);
      expect(answer).toMatchObject({ status: 200, body: { partition: nth >> 1, snapshotVersion: null } });
      asked.set(`r${nth}`, answer.body.items!);
      histories.set(`r${nth}`, answer.body['history']);
      await serving.send('impressions', message);
      await serving.send('interactions', {
        interactionId: `c${nth}`,
        eventTimeMs: BEGAN_MS + (nth * 30 + 5) * SECOND_MS,
        type: 'CLICK',
        sessionId: sessions[nth >> 1]!,
        userId: `user of ${sessions[nth >> 1]!}`,
        itemId: 'b',
        requestId: `r${nth}`,
      });
    }
    expect(await serving.metric('sluice_features_requests_total{outcome="described"}')).toMatch(/ [1-9]\d*$/);
    expect(await serving.metric('sluice_features_seconds_count')).toMatch(/ [1-9]\d*$/);
    await serving.end();
    await serving.application.runToEnd();
    const samples = [...(await serving.application.samples()).values()] as (Row & Readonly<Record<string, unknown>>)[];
    const became = new Map(
      [...asked.keys()].map((id) => [
        id,
        samples
          .filter(({ requestId }) => requestId === id)
          .sort((left, right) => Number(left['position']) - Number(right['position']))
          .map(({ itemId, position, prediction, features }) => ({ itemId, position, prediction, features })),
      ]),
    );
    expect(asked).toEqual(became);
    for (const { requestId, history } of samples) expect(history).toEqual(histories.get(String(requestId)));
    expect(histories.get('r1')).toMatchObject({
      sessionActed: { itemIds: ['b'], types: ['CLICK'], gapsMs: [25 * SECOND_MS] },
      sessionShown: { itemIds: ['a', 'b', 'c'] },
      userActed: { itemIds: ['b'] },
    });
    // The table knows two of the items, and one of them changed.
    const names = (await describeFeatures(serving.application.config)).columns.map(({ name }) => name);
    const margins = [...became.values()].map((items) => items.map((item) => item.features[names.indexOf('margin')]));
    expect(margins[0]).toEqual([1, 3, null]);
    expect(margins.at(-1)).toEqual([2, 3, null]);
    // What the first click of each session changed is seen in the second list of it.
    const rows = became.get('r1')!.map(({ features }) => JSON.stringify(features));
    expect(new Set(rows).size).toBe(3);
  });

  describe('turns away', () => {
    let serving: Serving;
    beforeEach(async () => {
      serving = await Serving.start();
    });
    afterEach(() => serving.end());

    it('whoever has no token, and what is too large, packed or no list, with a remedy', async () => {
      const message = list(0, 's0');
      await serving.settled(message);
      expect((await serving.ask(message, { authorization: 'Bearer some other token!' })).status).toBe(401);
      expect(await serving.ask(list(0, 's0', { query: 'x'.repeat(30_000) }))).toMatchObject({
        status: 413,
        body: { remedy: expect.stringContaining('serving.maxBytes') as string },
      });
      expect((await serving.ask(message, { 'content-encoding': 'gzip' })).status).toBe(415);
      expect(await serving.ask('[{"half":')).toMatchObject({
        status: 400,
        body: { remedy: expect.stringContaining('JSON object') as string },
      });
      expect(await serving.ask({ ...message, sessionId: '' })).toMatchObject({
        status: 422,
        body: { refused: [{ item: null, code: 'missing-field', remedy: expect.stringMatching(/./) as string }] },
      });
      expect(await serving.ask({ ...message, surface: 'DREAM' })).toMatchObject({
        status: 422,
        body: { refused: [{ code: 'invalid-field' }] },
      });
      expect(await serving.metric('sluice_features_turned_away_total')).toMatch(/ 3$/);
      expect(await serving.metric('sluice_features_requests_total{outcome="refused"}')).toMatch(/ 3$/);
    });
  });
});
