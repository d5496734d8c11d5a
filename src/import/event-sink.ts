import { join } from 'node:path';
import {
  eventFileName,
  openEventWriter,
  refuseHeldEvents,
  sortInto,
  type SortingWriter,
} from '../adapters/event-files/index.js';
import type { ImpressionList, Interaction } from '../events/words.js';
import { INPUTS, type InputName } from '../ports/transport.js';

/** Told now and then: rows read so far, and how far through the file (0 to 1, by bytes as stored). */
export type OnProgress = (doneCount: number, totalBytesFraction: number) => void;

/** Where an import puts its events, in any order; the files come out sorted by event time, equal times as they came. */
export interface EventSink {
  list(list: ImpressionList): Promise<void> | undefined;
  interaction(interaction: Interaction): Promise<void> | undefined;
}

/**
 * Runs an import into a folder of event files. The files appear whole, all at the end, or, when the import throws, not at
 * all. Memory is bounded however long the log is.
 * @throws config-invalid when the folder holds events of these inputs already
 * @param inputs which of the two files to write; the other is left as it is
 */
export async function withEventSink<T>(
  outFolder: string,
  work: (sink: EventSink) => Promise<T>,
  inputs: readonly InputName[] = INPUTS,
): Promise<T> {
  refuseHeldEvents(outFolder, inputs, 'an import');
  const writers = new Map<InputName, SortingWriter>();
  try {
    for (const input of inputs) {
      writers.set(input, sortInto(openEventWriter(outFolder, input), join(outFolder, eventFileName(input))));
    }
    const result = await work({
      list: (list) => writers.get('impressions')?.add(list.eventTimeMs, JSON.stringify(list)),
      interaction: (interaction) =>
        writers.get('interactions')?.add(interaction.eventTimeMs, JSON.stringify(interaction)),
    });
    for (const writer of writers.values()) await writer.close();
    return result;
  } catch (thrown) {
    for (const writer of writers.values()) await writer.abort();
    throw thrown;
  }
}
