import { SluiceError, messageOf, reasonOf } from '../../errors.js';
import type { Codec } from '../../ports/codec.js';
import type { LogRecord } from '../../ports/transport.js';
import { refuse, type Refusal } from '../clean/verdict.js';

/** A decoded value of unchecked shape, or why there is none. */
export type Decoded<T> = { readonly value: T } | Refusal;

/**
 * Decodes one message. Anything that can never be read becomes a refusal; an error that is not the message's fault (an
 * unreachable registry) is thrown.
 */
export function decode<T>(record: LogRecord, codec: Codec<T>, maxMessageBytes: number): Decoded<T> {
  const { value, unreadable } = record;
  if (unreadable) return { code: unreadable.code, reason: unreadable.reason };
  if (value === null) return refuse('empty-message', {});
  if (value.length > maxMessageBytes)
    return refuse('message-too-large', { bytes: value.length, limit: maxMessageBytes });
  try {
    return { value: codec.decode(value) };
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.class === 'data') return { code: thrown.code, reason: thrown.message };
    if (thrown instanceof SluiceError) throw thrown;
    return {
      code: 'undecodable',
      reason: reasonOf('undecodable', { format: codec.format, bytes: value.length, why: messageOf(thrown) }),
    };
  }
}
