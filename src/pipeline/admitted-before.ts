import { SluiceError } from '../errors.js';
import { INPUTS, type InputName, type InputOffsets, type LogRecord, type Transport } from '../ports/transport.js';
import { rejectedMessage, type Rejected } from './admitted.js';
import { deadLetterFromRecord } from './route/dead-letter-record.js';

/**
 * Messages whose schema the registry did not know when they were first read. It may know it by now, so what became of them
 * is no function of the input: a re-read takes it from the dead letters.
 */
export type UnknownBefore = Readonly<Record<InputName, ReadonlySet<number>>>;

const CODE = 'schema-unknown';
const POLL_WAIT_MS = 500;

export const NONE_UNKNOWN: UnknownBefore = { impressions: new Set(), interactions: new Set() };

/** The offsets after the last of these messages among some rejected ones, per input; what was there before stays. */
export function afterUnknown(
  rejected: readonly Rejected[],
  before: InputOffsets | undefined,
): InputOffsets | undefined {
  const unknown = rejected.filter(isUnknown);
  if (unknown.length === 0) return before;
  const after = { impressions: 0, interactions: 0, ...before };
  for (const { input, offset } of unknown) after[input] = Math.max(after[input], offset + 1);
  return after;
}

/** Reads them out of the dead letters of one partition's messages. */
export async function unknownBefore(
  transport: Pick<Transport, 'reader'>,
  partition: number,
  topicNames: Readonly<Record<InputName, string>>,
): Promise<UnknownBefore> {
  const found = { impressions: new Set<number>(), interactions: new Set<number>() };
  const reader = await transport.reader(['dead-letters'], 'earliest');
  try {
    while (!(await reader.caughtUp())) {
      for (const record of await reader.poll(POLL_WAIT_MS)) {
        const { code, sourceTopic, sourcePartition, sourceOffset } = deadLetterFromRecord(record);
        if (code !== CODE || sourcePartition !== partition) continue;
        for (const input of INPUTS) if (topicNames[input] === sourceTopic) found[input].add(sourceOffset);
      }
    }
  } finally {
    await reader.close();
  }
  return found;
}

/**
 * A decoded message as it was the first time.
 * @throws schema-registry-unreachable when the registry has lost a schema that it knew then
 */
export function asBefore<T extends { readonly kind: string; readonly input: InputName }>(
  message: T | Rejected,
  { offset, value }: LogRecord,
  unknown: UnknownBefore,
): T | Rejected {
  const { input } = message;
  const wasUnknown = unknown[input].has(offset);
  if (isUnknown(message) && !wasUnknown) {
    throw new SluiceError('schema-registry-unreachable', {
      url: 'of the config',
      why: `it has lost the schema of ${input} at offset ${offset}, which it knew when that was first read`,
    });
  }
  if (!wasUnknown || message.kind === 'rejected') return message;
  return rejectedMessage({ input, offset, bytes: value?.length ?? 0 }, 1);
}

function isUnknown(message: { readonly kind: string }): message is Rejected {
  if (message.kind !== 'rejected') return false;
  const { deadLetters, isUnknownElsewhere } = message as Rejected;
  return isUnknownElsewhere === true || deadLetters[0]?.code === CODE;
}
