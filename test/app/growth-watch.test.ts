import { describe, expect, it } from 'vitest';
import { ManualClock, RecordingLogger } from '../../src/adapters/memory/index.js';
import { watchGrowth } from '../../src/app/growth-watch.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import { type InputGrowth, NO_GROWTH } from '../../src/ports/transport.js';

const TOPICS = [{ topic: 't.impressions', from: 2, to: 5 }];

/** A watch over a transport that answers as told. */
function watching() {
  const clock = new ManualClock();
  const health = createHealthBoard(clock);
  health.enter('running', 'joined');
  const logger = new RecordingLogger();
  const world = { answer: (): Promise<InputGrowth> => Promise.resolve(NO_GROWTH), failure: undefined as unknown };
  const stop = new AbortController();
  watchGrowth({ transport: { grownInputs: () => world.answer() }, clock, health, logger }, stop.signal).subscribe({
    error: (thrown: unknown) => (world.failure = thrown),
  });
  return { clock, health, logger, world, stop };
}

describe('the watch over the partitions of the inputs', () => {
  it('says nothing while nothing grows, nor when the log does not answer', async () => {
    const { clock, health, logger, world } = watching();
    await clock.advance(5_000);
    world.answer = () => Promise.reject(new Error('no broker answers'));
    await clock.advance(5_000);
    expect([logger.lines, world.failure, health.readiness().ok]).toEqual([[], undefined, true]);
  });

  it('what cannot be read yet is said once and stands in the way until it can; then everything begins anew', async () => {
    const { clock, health, logger, world } = watching();
    world.answer = () =>
      Promise.resolve({ topics: TOPICS, waitsFor: 't.interactions has 2 partitions', movesSessions: true });
    await clock.advance(15_000);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { topics: TOPICS } }]);
    expect(health.readiness().reasons).toEqual([
      'inputs-differ: t.impressions (2 to 5); t.interactions has 2 partitions',
    ]);
    expect(world.failure).toBeUndefined();
    world.answer = () => Promise.resolve({ topics: TOPICS, waitsFor: null, movesSessions: true });
    await clock.advance(5_000);
    expect(world.failure).toMatchObject({ code: 'inputs-grew' });
    expect(logger.lines).toHaveLength(2);
  });

  it('looks no more after the abort', async () => {
    const { clock, stop } = watching();
    await clock.advance(1);
    stop.abort();
    await clock.advance(60_000);
    expect(clock.sleeperCount).toBe(0);
  });
});
