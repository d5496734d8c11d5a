import { describe, expect, test } from 'vitest';
import { ManualClock, silentLogger } from '../../../src/adapters/memory/index.js';
import type { StreamClient } from '../../../src/adapters/http/index.js';
import { Feed, MOST_PAGES } from '../../../src/app/console/feed.js';
import { Frames } from '../../../src/app/console/frames.js';
import { LiveRun } from '../../../src/app/console/live-run.js';
import { configSchema } from '../../../src/config/schema.js';
import type { Frame } from '../../../src/console/api.js';
import { createHealthBoard } from '../../../src/observe/health-board.js';

/** A page as the server sees it. */
class Page implements StreamClient {
  readonly texts: string[] = [];
  private leave: () => void = () => undefined;
  send(text: string): void {
    this.texts.push(text);
  }
  onEnd(listener: () => void): void {
    this.leave = listener;
  }
  end(): void {
    this.leave();
  }
  get frames(): readonly Frame[] {
    return this.texts
      .filter((text) => text.startsWith('event: frame\n'))
      .map((text) => JSON.parse(text.split('\ndata: ')[1]!) as Frame);
  }
}

function feedOf(counted = { reads: 0 }) {
  const clock = new ManualClock();
  let read = 0;
  const metrics = {
    read: async () => {
      counted.reads++;
      return [{ name: 'sluice_impressions_total', labels: { fate: 'read' }, value: (read += 100) }];
    },
  };
  const config = configSchema.parse({});
  const frames = new Frames({
    config,
    settings: { config },
    isControlled: false,
    live: new LiveRun(clock),
    metrics,
    health: createHealthBoard(clock),
    clock,
  });
  return { clock, feed: new Feed(frames, clock, silentLogger), frames, counted };
}

describe('the feed', () => {
  test('looks at the run once a second however many pages watch, and gives all of them the same', async () => {
    const { clock, feed, counted } = feedOf();
    const pages = Array.from({ length: 20 }, () => new Page());
    for (const page of pages) expect(feed.open(page)).toBeUndefined();
    await clock.advance(10_000);
    expect(counted.reads).toBe(11);
    for (const page of pages) {
      expect(page.frames).toHaveLength(11);
      expect(page.frames).toEqual(pages[0]!.frames);
    }
    feed.close();
  });

  test('looks at nothing before the first page and after the last', async () => {
    const { clock, feed, counted } = feedOf();
    await clock.advance(60_000);
    expect(counted.reads).toBe(0);
    const page = new Page();
    feed.open(page);
    await clock.advance(2_000);
    page.end();
    await clock.advance(1_000);
    const { reads } = counted;
    await clock.advance(60_000);
    expect(counted.reads).toBe(reads);
    expect(clock.sleeperCount).toBe(0);
  });

  test('a page that comes later gets the history, and goes on from there', async () => {
    const { clock, feed } = feedOf();
    feed.open(new Page());
    await clock.advance(5_000);
    const late = new Page();
    feed.open(late);
    await clock.advance(1_000);
    expect(late.texts[0]).toMatch(/^event: history\n/);
    const history = JSON.parse(late.texts[0]!.split('\ndata: ')[1]!) as Frame['point'][];
    expect(history).toHaveLength(6);
    expect(late.frames.at(-1)!.atMs).toBeGreaterThan(history.at(-1)!.atMs);
    feed.close();
  });

  test('refuses one page too many with a sentence, and takes one again when one has left', () => {
    const { feed } = feedOf();
    const pages = Array.from({ length: MOST_PAGES }, () => new Page());
    for (const page of pages) expect(feed.open(page)).toBeUndefined();
    expect(feed.open(new Page())).toMatchObject({
      status: 503,
      body: expect.stringContaining('Close one of them') as string,
    });
    pages[0]!.end();
    expect(feed.open(new Page())).toBeUndefined();
    feed.close();
  });

  test('rates are means over ten seconds', async () => {
    const { clock, feed, frames } = feedOf();
    feed.open(new Page());
    await clock.advance(30_000);
    const { flow, intervalMs } = await frames.current();
    expect(intervalMs).toBeGreaterThan(8_000);
    expect(intervalMs).toBeLessThanOrEqual(10_000);
    expect(flow.impressionsPerSecond).toBeCloseTo(100, 5);
    feed.close();
  });
});
