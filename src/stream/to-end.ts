import type { ReadRecord, TopicReader } from '../ports/transport.js';

/**
 * The records of a reader up to the end as it is when they run out, a poll at a time. Each poll is made when the last one
 * is dealt with, which is why this is a generator and no stream: a stream pushes. Records of a poll that was made are
 * always given, aborted or not, since the reader has gone past them.
 * @param isEnough asked before each poll; ends the reading early
 */
export async function* toEnd(
  reader: Pick<TopicReader, 'poll' | 'caughtUp'>,
  pollWaitMs: number,
  isEnough: () => boolean = () => false,
): AsyncGenerator<readonly ReadRecord[]> {
  while (!isEnough() && !(await reader.caughtUp())) yield await reader.poll(pollWaitMs);
}
