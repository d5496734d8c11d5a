import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import { FakeEmbeddingServer } from '../adapters/onnx/encoder/fake-embedding-server.js';
import { embedded, factsOf, World } from './fixture.js';
import { titleLog } from './title-log.js';

describe('a run whose texts a server embeds', () => {
  const world = new World(embedded, { join: { attributionWindowMs: 60_000, allowedLatenessMs: 10_000 } });
  const servers: FakeEmbeddingServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  afterAll(() => world.remove());

  it('pauses while the server is down, says so in /ready, and gives the samples of an unbroken run', async () => {
    const { impressions, interactions } = titleLog(150, 4, 3);
    const events = world.events(impressions, interactions);
    const server = new FakeEmbeddingServer();
    servers.push(server);
    const url = await server.listen();
    const application = () =>
      world.application({
        encoder: { kind: 'http', server: { url }, cachePath: '' },
        selection: { scorer: 'uniform', budget: 1 },
      });
    const unbroken = application();
    await unbroken.runToEnd(events);
    expect(server.asked.length).toBeGreaterThan(5);

    const health = createHealthBoard(systemClock);
    const seenDown: string[] = [];
    let downFor = 0;
    server.fault = ({ texts }) => {
      if (texts.length < 2 || downFor >= 3) return undefined;
      downFor++;
      if (downFor > 1) seenDown.push(JSON.stringify(health.readiness()));
      return { status: 503 };
    };
    const paused = application();
    await paused.runToEnd(events, { health });
    expect(downFor).toBe(3);
    for (const ready of seenDown) expect(ready).toContain('encoder');
    expect(seenDown.length).toBeGreaterThan(0);
    const facts = factsOf(await paused.samples());
    expect(facts.size).toBeGreaterThan(500);
    expect(facts).toEqual(factsOf(await unbroken.samples()));
  });
});
