import { textsToEmbed } from '../embed/texts-of.js';
import type { VectorOf } from '../features/features.js';
import type { Stage } from '../stage.js';
import type { Turns } from './order.js';

/** Events with their texts' vectors at hand. */
export interface Embedded extends Turns {
  readonly vectorOf: VectorOf;
}

export const embed: Stage<Turns, Embedded> = {
  name: 'embed',
  does: 'turns queries and item texts into vectors, each distinct text once',
  takes: 'events',
  gives: 'events',
  async run({ deps: { vectors } }, turns) {
    await vectors?.load(textsToEmbed(turns.events));
    return { ...turns, vectorOf: (text) => vectors?.get(text) };
  },
  flow: ({ events }) => ({ in: events.length, out: events.length, refused: 0 }),
};
