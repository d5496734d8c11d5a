import type { ReadRecord, TopicReader } from '../ports/transport.js';

/**
 * Reads to the end as it is when the records run out. Each poll is made when the last one is dealt with, which is why this
 * is no stream: a stream pushes. What was polled is always taken, aborted or not, since the reader has gone past it.
 * @param take deals with what a poll brought
 * @param isEnough asked before each poll; ends the reading early
 * @param mayBeOldMs how long ago the end may have been looked for
 */
export async function readToEnd(
  reader: Pick<TopicReader, 'poll' | 'caughtUp'>,
  pollWaitMs: number,
  take: (records: readonly ReadRecord[]) => Promise<void> | void,
  isEnough: () => boolean = () => false,
  mayBeOldMs = 0,
): Promise<void> {
  while (!isEnough() && !(await reader.caughtUp(mayBeOldMs))) await take(await reader.poll(pollWaitMs));
}
