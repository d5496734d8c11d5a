import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { calmQueues } from '../../../src/adapters/kafka/calm-queues.js';

interface Queue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
}

test('a connection looks for waiting requests only while one waits', () => {
  calmQueues();
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: Queue };
  const queueOf = (pending: readonly unknown[]): Queue =>
    Object.assign(Object.create(prototype) as Queue, { pending, throttledUntil: -1, throttleCheckTimeoutId: null });
  const [idle, waiting] = [queueOf([]), queueOf(['a request'])];
  for (const queue of [idle, waiting]) queue.scheduleCheckPendingRequests();
  expect(idle.throttleCheckTimeoutId).toBeNull();
  expect(waiting.throttleCheckTimeoutId).not.toBeNull();
  clearTimeout(waiting.throttleCheckTimeoutId!);
});
