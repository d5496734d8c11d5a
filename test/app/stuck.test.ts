import { merge, Subject, takeUntil } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { stuckAfter } from '../../src/app/stuck.js';
import { messageOf } from '../../src/errors.js';
import { createHealthBoard } from '../../src/observe/health-board.js';

const PATIENCE_MS = 120_000;

/** Two partitions under watch, with the board that a run keeps and what was told in order. */
function watched() {
  const clock = new ManualClock();
  const board = createHealthBoard(clock);
  board.enter('running', 'joined');
  const told: string[] = [];
  const health: Parameters<typeof stuckAfter>[1]['health'] = {
    alarm: (code, reason) => {
      told.push(`ailing ${code}`);
      board.alarm(code, reason);
    },
    relieve: (code) => {
      told.push(`recovered ${code}`);
      board.relieve(code);
    },
  };
  const signs = [new Subject<void>(), new Subject<void>()] as const;
  const over$ = new Subject<void>();
  merge(
    ...signs.map((signs$, partition) => signs$.pipe(stuckAfter(partition, { clock, health, afterMs: PATIENCE_MS }))),
  )
    .pipe(takeUntil(over$))
    .subscribe({
      error: (thrown: unknown) => {
        told.push('stuck');
        board.fail(messageOf(thrown));
      },
    });
  /** Lets partition 1 live on for so long while partition 0 is silent. */
  const pass = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      await clock.advance(1_000);
      signs[1].next();
    }
  };
  return { board, told, signs, pass, clock, over$ };
}

describe('a partition that is silent', () => {
  it('for less than half of the patience is nothing', async () => {
    const { board, told, pass } = watched();
    await pass(PATIENCE_MS / 2 - 1_000);
    expect(told).toEqual([]);
    expect(board.liveness().ok).toBe(true);
  });

  it('for more than half turns /live red long before the run gives up, and says why', async () => {
    const { board, told, pass } = watched();
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
    expect(new Set(told)).toEqual(new Set(['ailing stuck-0', 'stuck']));
    expect(board.liveness().reasons.join()).toContain('partition 0');
  });

  it.each(['next', 'complete'] as const)('turns it green again with its %s', async (what) => {
    const { board, told, signs, pass } = watched();
    await pass(PATIENCE_MS / 2 + 10_000);
    expect(board.liveness().ok).toBe(false);
    signs[0][what]();
    expect(told.at(-1)).toBe('recovered stuck-0');
    expect(board.liveness().ok).toBe(true);
    expect(board.readiness().ok).toBe(true);
  });

  it('is told of as stuck once, after all of the patience', async () => {
    const { told, pass } = watched();
    await pass(3 * PATIENCE_MS);
    expect(told.filter((each) => each === 'stuck')).toHaveLength(1);
  });

  it('is not watched once it is let go, and leaves no timer', async () => {
    const { told, pass, clock, over$ } = watched();
    over$.next();
    expect(clock.sleeperCount).toBe(0);
    await pass(2 * PATIENCE_MS);
    expect(told).toEqual([]);
  });
});
