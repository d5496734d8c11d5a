import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { watchOutside } from '../../src/app/outside.js';
import { createHealthBoard } from '../../src/observe/health-board.js';

/** A run that looks outside: at a log that answers as told, and a follower. */
function looking() {
  const clock = new ManualClock();
  const health = createHealthBoard(clock);
  health.enter('running', 'joined');
  const world = {
    answer: (): Promise<readonly number[]> => Promise.resolve([0]),
    refusal: undefined as string | undefined,
    questions: 0,
  };
  const transport = {
    endOffsets: () => {
      world.questions++;
      return world.answer();
    },
  };
  const follower = { champion: () => undefined, refusal: () => world.refusal };
  const stop = new AbortController();
  watchOutside({ transport, follower, clock, health }, stop.signal).subscribe();
  return { clock, health, world, stop };
}

describe('a look outside', () => {
  it('a log that refuses turns /ready red with its reason, never /live, and green again when it answers', async () => {
    const { clock, health, world } = looking();
    await clock.advance(1);
    expect(health.readiness().ok).toBe(true);
    world.answer = () => Promise.reject(new Error('no broker answers'));
    await clock.advance(5_000);
    expect(health.readiness().reasons).toEqual(['log-unreachable: no broker answers']);
    expect(health.liveness().ok).toBe(true);
    world.answer = () => Promise.resolve([0]);
    await clock.advance(5_000);
    expect(health.readiness().ok).toBe(true);
  });

  it('a log that never answers is as good as gone, and is asked no second question meanwhile', async () => {
    const { clock, health, world } = looking();
    world.answer = () => new Promise(() => undefined);
    await clock.advance(60_000);
    expect(health.readiness().reasons).toEqual(['log-unreachable: no answer within 10 s']);
    expect(world.questions).toBe(2);
  });

  it('a champion that was promoted and is refused turns /ready red; none promoted is no fault', async () => {
    const { clock, health, world } = looking();
    await clock.advance(5_000);
    expect(health.readiness().ok).toBe(true);
    world.refusal = '000002-abc: its checksum differs';
    await clock.advance(5_000);
    expect(health.readiness().reasons).toEqual(['no-champion: 000002-abc: its checksum differs']);
    expect(health.liveness().ok).toBe(true);
  });

  it('looks no more after the abort', async () => {
    const { clock, world, stop } = looking();
    await clock.advance(1);
    stop.abort();
    await clock.advance(60_000);
    expect(world.questions).toBe(1);
    expect(clock.sleeperCount).toBe(0);
  });
});
