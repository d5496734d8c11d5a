import type { Admitted } from '../admitted.js';

/** Yields every text of a batch that is embedded, cleaned: queries and item texts, repetitions and empty ones included. */
export function* textsOf(batch: Iterable<Admitted>): Generator<string> {
  for (const event of batch) {
    if (event.kind !== 'list') continue;
    yield event.list.query;
    for (const { text } of event.list.items) yield text;
  }
}
