import { describe, expect, test } from 'vitest';
import { Cursor } from '../../../src/adapters/kafka/cursor.js';
import type { LogRecord } from '../../../src/ports/transport.js';

const record = (offset: number, bytes = 36): LogRecord => ({
  offset,
  key: null,
  value: Buffer.alloc(bytes),
  timestampMs: 0,
  headers: {},
});
const cursor = (maxBytes = 1_000) => new Cursor('t', 0, maxBytes, () => {});

describe('a cursor', () => {
  test('asks for nothing before the first seek', () => {
    const fresh = cursor();
    expect(fresh.isHungry).toBe(false);
    fresh.seek(3);
    expect(fresh.isHungry).toBe(true);
    expect(fresh.position).toBe(3);
  });

  test('drops answers to a position it has left', () => {
    const moved = cursor();
    moved.seek(0);
    const ticket = moved.ticket;
    moved.seek(0);
    moved.accept(ticket, 0, [record(0)], 1);
    expect(moved.isEmpty).toBe(true);
  });

  test('takes the same answer once, should it come twice', () => {
    const twice = cursor();
    twice.seek(0);
    twice.accept(twice.ticket, 0, [record(0)], 1);
    twice.accept(twice.ticket, 0, [record(0)], 1);
    expect(twice.take(9_999).map(({ offset }) => offset)).toEqual([0]);
    expect(twice.position).toBe(1);
  });

  test('is hungry again at half of its bound, and gives back the bytes', () => {
    const bounded = cursor(400);
    bounded.seek(0);
    bounded.accept(bounded.ticket, 0, [record(0), record(1), record(2)], 3);
    expect(bounded.buffered).toBe(300);
    expect(bounded.isHungry).toBe(false);
    expect(bounded.take(1).map(({ offset }) => offset)).toEqual([0]);
    expect(bounded.isHungry).toBe(true);
    expect(bounded.room).toBe(200);
    bounded.take(9_999);
    expect(bounded.buffered).toBe(0);
  });

  test('hands out what stands before a failure, then the failure, until the next seek', () => {
    const failing = cursor();
    failing.seek(0);
    failing.accept(failing.ticket, 0, [record(0)], 1);
    failing.fail(failing.ticket, new Error('lost'));
    expect(failing.take(9_999)).toHaveLength(1);
    expect(() => failing.take(9_999)).toThrow('lost');
    failing.seek(5);
    expect(failing.take(9_999)).toEqual([]);
  });

  test('wakes who waits when the position moves without a record', async () => {
    const waiting = cursor();
    waiting.seek(0);
    const changed = waiting.changed();
    waiting.accept(waiting.ticket, 0, [], 4);
    await changed;
    expect(waiting.position).toBe(4);
  });

  test('is at the end only as far as the newest answer knows, and with nothing left to hand out', () => {
    const reading = cursor();
    reading.seek(0);
    expect(reading.isAtEnd).toBe(false);
    reading.learnEnd(1, 10);
    reading.learnEnd(0, 5);
    expect(reading.isAtEnd).toBe(false);
    reading.accept(reading.ticket, 0, [record(0)], 1);
    expect(reading.isAtEnd).toBe(false);
    reading.take(9_999);
    expect(reading.isAtEnd).toBe(true);
    expect(reading.endAsOfMs).toBe(10);
    // A transaction that is still open has written.
    reading.learnEnd(3, 20);
    expect(reading.isAtEnd).toBe(false);
  });
});
