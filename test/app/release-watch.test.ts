import { describe, expect, it } from 'vitest';
import { ReleaseWatch } from '../../src/app/release-watch.js';
import { createHealthBoard } from '../../src/observe/health-board.js';

const AFTER_MS = 1_000;

function watched() {
  const board = createHealthBoard({ nowMs: () => 0 });
  board.enter('running', 'joined');
  return { board, watch: new ReleaseWatch(3, board, AFTER_MS, 0) };
}

describe('a partition that lets nothing go', () => {
  it('turns /ready red, and not /live, once its watermark has stood for too long while events wait', () => {
    const { board, watch } = watched();
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, 0);
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, AFTER_MS);
    expect(board.readiness().ok).toBe(true);
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, AFTER_MS + 1);
    expect(board.readiness()).toMatchObject({
      ok: false,
      reasons: [expect.stringContaining('5 events of partition 3')],
    });
    expect(board.liveness().ok).toBe(true);
  });

  it.each([
    ['the watermark moves', { waitingCount: 5, watermarkMs: 11 }],
    ['nothing waits any more', { waitingCount: 0, watermarkMs: 10 }],
  ])('is ready again when %s', (_when, order) => {
    const { board, watch } = watched();
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, 0);
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, 2 * AFTER_MS);
    expect(board.readiness().ok).toBe(false);
    watch.observe(order, 2 * AFTER_MS + 1);
    expect(board.readiness().ok).toBe(true);
  });

  it('is nothing while events come and go, or none ever wait', () => {
    const { board, watch } = watched();
    for (let i = 1; i < 10; i++) watch.observe({ waitingCount: 5, watermarkMs: 10 * i }, i * AFTER_MS);
    for (let i = 10; i < 20; i++) watch.observe({ waitingCount: 0, watermarkMs: 90 }, i * AFTER_MS);
    expect(board.readiness().ok).toBe(true);
  });

  it('is forgotten when it leaves', () => {
    const { board, watch } = watched();
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, 0);
    watch.observe({ waitingCount: 5, watermarkMs: 10 }, 2 * AFTER_MS);
    watch.end();
    expect(board.readiness().ok).toBe(true);
  });
});
