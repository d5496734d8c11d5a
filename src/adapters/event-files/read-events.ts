import type { InputName } from '../../ports/transport.js';
import { parseEventLine } from './event-line.js';
import { findEventFile } from './names.js';
import { invalidLine, readLineBatches } from './read-lines.js';

/** One event as it stands in the file. */
export interface FileEvent {
  /** Line number from 1. */
  readonly line: number;
  /** The line's bytes, without its end. */
  readonly bytes: Buffer;
  readonly record: Readonly<Record<string, unknown>>;
  readonly eventTimeMs: number;
  /** sessionId, else userId, else requestId. */
  readonly key: string;
}

/**
 * Reads a folder of event files as streams, strictly: for programs that need every line to be an event.
 * @throws SluiceError `file-unreadable` when a file is missing; while reading, `event-file-invalid` with the line of the
 *   first that is not a JSON object, has no numeric `eventTimeMs` or no key
 */
export function readEvents(folder: string): Readonly<Record<InputName, AsyncIterable<FileEvent>>> {
  const impressions = findEventFile(folder, 'impressions');
  const interactions = findEventFile(folder, 'interactions');
  return { impressions: readEventFile(impressions), interactions: readEventFile(interactions) };
}

/** Reads one event file, packed or plain. Same guarantees as {@link readEvents}. */
export async function* readEventFile(path: string): AsyncGenerator<FileEvent> {
  for await (const { lines } of readLineBatches(path)) {
    for (const { line, bytes } of lines) {
      const event = parseEventLine(bytes);
      if ('why' in event) throw invalidLine(path, line, event.why);
      const { record, eventTimeMs, key } = event;
      if (!Number.isFinite(eventTimeMs)) throw invalidLine(path, line, 'eventTimeMs is not a number');
      if (key === null) throw invalidLine(path, line, 'none of sessionId, userId and requestId is there');
      yield { line, bytes, record, eventTimeMs, key };
    }
  }
}
