import { createHash } from 'node:crypto';
import type { DeadLetter } from '../events/words.js';
import type { LogRecord, NewRecord } from '../ports/transport.js';

/**
 * That a message was requeued is a record without a value on the dead-letters topic, behind the letter: it lives as long,
 * and whoever reads letters passes it over. It names the bytes, not the letter: the same message that is refused again
 * becomes another letter.
 */
const MARK_HEADER = 'sluice.requeued';

/** Names what a letter's message holds, and for which topic: whole or cut, the same. */
export function contentOf({ sourceTopic, payload, payloadSha256 }: DeadLetter): string {
  const bytes = payloadSha256 ?? createHash('sha256').update(payload).digest('hex');
  return createHash('sha256').update(`${sourceTopic}\n${bytes}`).digest('hex').slice(0, 32);
}

/** The record that says that a content was sent. */
export function markOf(content: string): NewRecord {
  return { topic: 'dead-letters', key: null, value: null, headers: { [MARK_HEADER]: content } };
}

/** The content that a record says was sent; undefined: it says no such thing. */
export function markIn({ value, headers }: Pick<LogRecord, 'value' | 'headers'>): string | undefined {
  return value === null ? headers[MARK_HEADER] : undefined;
}
