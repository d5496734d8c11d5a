import type { DeadLetter } from '../../events/words.js';
import type { Headers, LogRecord } from '../../ports/transport.js';

/** A dead letter as a record: the raw bytes are the value, so that it can be sent again as it is; the facts are headers. */
export interface DeadLetterRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Headers;
}

const PREFIX = 'sluice.';

/** Makes the record of a dead letter. */
export function deadLetterToRecord(letter: DeadLetter): DeadLetterRecord {
  return {
    key: letter.key,
    value: letter.payload,
    headers: {
      [`${PREFIX}code`]: letter.code,
      [`${PREFIX}stage`]: letter.stage,
      [`${PREFIX}reason`]: letter.reason,
      [`${PREFIX}sourceTopic`]: letter.sourceTopic,
      [`${PREFIX}sourcePartition`]: String(letter.sourcePartition),
      [`${PREFIX}sourceOffset`]: String(letter.sourceOffset),
      [`${PREFIX}sourceTimeMs`]: String(letter.sourceTimeMs),
      ...(letter.itemIndex === null ? {} : { [`${PREFIX}itemIndex`]: String(letter.itemIndex) }),
    },
  };
}

/** Reads what {@link deadLetterToRecord} made; facts of a record that has none are empty. */
export function deadLetterFromRecord(record: Pick<LogRecord, 'key' | 'value' | 'headers' | 'timestampMs'>): DeadLetter {
  const fact = (name: string): string => record.headers[`${PREFIX}${name}`] ?? '';
  const itemIndex = fact('itemIndex');
  return {
    code: fact('code'),
    stage: fact('stage'),
    reason: fact('reason'),
    sourceTopic: fact('sourceTopic'),
    sourcePartition: Number(fact('sourcePartition')),
    sourceOffset: Number(fact('sourceOffset')),
    itemIndex: itemIndex === '' ? null : Number(itemIndex),
    payload: record.value ?? new Uint8Array(0),
    key: record.key,
    sourceTimeMs: Number(fact('sourceTimeMs') || record.timestampMs),
  };
}
