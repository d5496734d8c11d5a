import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONDITIONS, type ConditionCode, conditionOf } from '../../src/observe/conditions.js';
import {
  liveness,
  mayMove,
  move,
  readiness,
  RUN_STATES,
  startingHealth,
  TRANSITIONS,
} from '../../src/observe/health.js';
import { createHealthBoard } from '../../src/observe/health-board.js';

const clock = { nowMs: () => 7 };
const CODES = [...(Object.keys(CONDITIONS) as ConditionCode[]), 'partition-3', 'nothing-released-3'] as const;

describe('run states', () => {
  test('every state can be reached from starting, and final states lead nowhere', () => {
    const reached = new Set<string>(['starting']);
    for (const from of RUN_STATES) if (reached.has(from)) for (const to of TRANSITIONS[from]) reached.add(to);
    expect([...reached].sort()).toEqual([...RUN_STATES].sort());
    expect(TRANSITIONS.stopped).toEqual([]);
    expect(TRANSITIONS.failed).toEqual([]);
  });

  test('a step outside the table throws and names both states', () => {
    for (const from of RUN_STATES) {
      for (const to of RUN_STATES) {
        const health = { ...startingHealth(0), state: from };
        if (mayMove(from, to))
          expect(move(health, to, 'why', 1)).toMatchObject({ state: to, reason: 'why', sinceMs: 1 });
        else expect(() => move(health, to, 'why', 1)).toThrow(`from ${from} to ${to}`);
      }
    }
  });

  test('whatever happens, ready means running with nothing in the way, alive not failed and no alarm, and neither has a reason without need', () => {
    const step = fc.oneof(
      fc.constantFrom(...RUN_STATES).map((state) => ({ kind: 'enter' as const, state })),
      fc.constantFrom(...CODES).map((code) => ({ kind: 'impede' as const, code })),
      fc.constantFrom(...CODES).map((code) => ({ kind: 'alarm' as const, code })),
      fc.constantFrom(...CODES).map((code) => ({ kind: 'relieve' as const, code })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const board = createHealthBoard(clock);
        for (const one of steps) {
          if (one.kind === 'impede') board.impede(one.code, 'because');
          else if (one.kind === 'alarm') board.alarm(one.code, 'because');
          else if (one.kind === 'relieve') board.relieve(one.code);
          else if (mayMove(board.current.state, one.state)) board.enter(one.state, 'because');
        }
        const ready = board.readiness();
        const { state, impediments, alarms } = board.current;
        expect(ready.ok).toBe(state === 'running' && Object.keys(impediments).length === 0);
        expect(ready.reasons.length > 0).toBe(!ready.ok);
        const live = board.liveness();
        expect(live.ok).toBe(state !== 'failed' && Object.keys(alarms).length === 0);
        expect(live.reasons.length > 0).toBe(!live.ok);
        for (const code of Object.keys(alarms)) {
          expect(Object.keys(impediments)).toContain(code);
          expect(conditionOf(code as ConditionCode).isCuredByRestart).toBe(true);
        }
      }),
    );
  });

  test.each(Object.entries(CONDITIONS))(
    '%s turns /ready red, and once it has lasted /live only if a restart may cure it',
    (code, { isCuredByRestart }) => {
      const board = createHealthBoard(clock);
      board.enter('running', 'joined');
      board.impede(`${code as ConditionCode}-2`, 'because');
      expect(board.readiness()).toMatchObject({ ok: false, reasons: [`${code}-2: because`] });
      expect(board.liveness().ok).toBe(true);
      board.alarm(`${code as ConditionCode}-2`, 'still');
      expect(board.readiness()).toMatchObject({ ok: false, reasons: [`${code}-2: still`] });
      expect(board.liveness().ok).toBe(!isCuredByRestart);
      board.relieve(`${code as ConditionCode}-2`);
      expect([board.readiness().ok, board.liveness().ok]).toEqual([true, true]);
    },
  );

  test('draining is alive but not ready', () => {
    const draining = move(move(startingHealth(0), 'running', 'joined', 1), 'draining', 'SIGTERM', 2);
    expect(liveness(draining).ok).toBe(true);
    expect(readiness(draining)).toEqual({ ok: false, state: 'draining', sinceMs: 2, reasons: ['draining: SIGTERM'] });
  });

  test('what stands in the way is told when it begins, whatever it grows to, and when it ends', () => {
    const told: string[] = [];
    const board = createHealthBoard(clock, undefined, (code, reason) => told.push(`${code}: ${reason ?? 'over'}`));
    board.relieve('fetch');
    board.impede('fetch', 'silent');
    board.alarm('fetch', 'silent for long');
    board.relieve('fetch');
    board.alarm('stuck-3', 'still');
    expect(told).toEqual(['fetch: silent', 'fetch: over', 'stuck-3: still']);
  });

  test('the first failure stays, and each change is told once', () => {
    const told: string[] = [];
    const board = createHealthBoard(clock, (health) => told.push(`${health.state}: ${health.reason}`));
    board.enter('running', 'joined');
    board.fail('first');
    board.fail('second');
    expect(told).toEqual(['running: joined', 'failed: first']);
    expect(board.liveness().reasons).toEqual(['first']);
  });
});
