import type { ReadRecord, TopicRole, Transport } from '../ports/transport.js';

/** Longest wait of one poll. */
const POLL_WAIT_MS = 200;

/** Every committed record of a topic, from the earliest to the end as of now, in the order the transport gives them. */
export async function* readTopic(transport: Pick<Transport, 'reader'>, topic: TopicRole): AsyncGenerator<ReadRecord> {
  const reader = await transport.reader([topic], 'earliest');
  try {
    while (!(await reader.caughtUp())) yield* await reader.poll(POLL_WAIT_MS);
  } finally {
    await reader.close();
  }
}
