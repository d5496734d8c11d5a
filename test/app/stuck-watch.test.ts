import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { StuckWatch } from '../../src/app/stuck-watch.js';
import { createHealthBoard } from '../../src/observe/health-board.js';

const PATIENCE_MS = 120_000;

/** A watch over two partitions, with the board that a run keeps and what was told in order. */
function watched() {
  const clock = new ManualClock();
  const board = createHealthBoard(clock);
  board.enter('running', 'joined');
  const told: string[] = [];
  const stop = new AbortController();
  const watch = new StuckWatch(clock, PATIENCE_MS, {
    ailing: (partition, error) => {
      told.push(`ailing ${partition}`);
      board.alarm(`stuck-${partition}`, error.message);
    },
    recovered: (partition) => {
      told.push(`recovered ${partition}`);
      board.relieve(`stuck-${partition}`);
    },
    stuck: (error) => {
      told.push('stuck');
      board.fail(error.message);
    },
  });
  watch.sign(0);
  watch.sign(1);
  const watching = watch.watch(stop.signal);
  /** Lets partition 1 live on for so long while partition 0 is silent. */
  const pass = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      await clock.advance(1_000);
      watch.sign(1);
    }
  };
  return { board, told, watch, pass, watching, stop };
}

describe('a partition that is silent', () => {
  it('for less than half of the patience is nothing', async () => {
    const { board, told, pass, stop } = watched();
    await pass(PATIENCE_MS / 2 - 1_000);
    expect(told).toEqual([]);
    expect(board.liveness().ok).toBe(true);
    stop.abort();
  });

  it('for more than half turns /live red long before the run gives up, and says why', async () => {
    const { board, told, pass, watching } = watched();
    await pass(PATIENCE_MS / 2 + 10_000);
    expect(board.current.state).toBe('running');
    expect(board.liveness()).toMatchObject({ ok: false, reasons: [expect.stringContaining('partition 0')] });
    expect(board.readiness().ok).toBe(false);
    await pass(PATIENCE_MS / 2 - 15_000);
    expect(board.current.state).toBe('running');
    expect(board.liveness().ok).toBe(false);
    await pass(20_000);
    expect(told.at(-1)).toBe('stuck');
    expect(board.current.state).toBe('failed');
    expect(new Set(told)).toEqual(new Set(['ailing 0', 'stuck']));
    await watching;
  });

  it.each(['sign', 'leave'] as const)('turns it green again with its next %s', async (what) => {
    const { board, told, watch, pass, stop } = watched();
    await pass(PATIENCE_MS / 2 + 10_000);
    expect(board.liveness().ok).toBe(false);
    watch[what](0);
    expect(told.at(-1)).toBe('recovered 0');
    expect(board.liveness().ok).toBe(true);
    expect(board.readiness().ok).toBe(true);
    stop.abort();
  });

  it('is told of as stuck once, after all of the patience', async () => {
    const { told, pass, watching } = watched();
    await pass(3 * PATIENCE_MS);
    expect(told.filter((each) => each === 'stuck')).toHaveLength(1);
    await watching;
  });

  it('is not watched after the signal', async () => {
    const { told, pass, watching, stop } = watched();
    stop.abort();
    await watching;
    await pass(2 * PATIENCE_MS);
    expect(told).toEqual([]);
  });
});
