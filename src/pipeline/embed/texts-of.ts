import type { Admitted } from '../admitted.js';

/** Yields every text of a batch that is embedded, cleaned: queries and item texts, repetitions and empty ones included. */
function* textsOf(batch: Iterable<Admitted>): Generator<string> {
  for (const event of batch) {
    if (event.kind !== 'list') continue;
    yield event.list.query;
    for (const { text } of event.list.items) yield text;
  }
}

/** Yields the texts that the features of some events need: a query is compared with item texts only, so without any it is not embedded. */
export function* textsToEmbed(released: Iterable<{ readonly event: Admitted }>): Generator<string> {
  for (const { event } of released) {
    if (event.kind === 'list' && event.list.items.some(({ text }) => text !== '')) yield* textsOf([event]);
  }
}
