import { cleanMessage, type Decoded } from '../admit.js';
import type { Admitted } from '../admitted.js';
import { each, oneLetterEach, passedOn, standingOf, type Messages } from '../messages.js';
import type { Stage } from '../stage.js';

export const clean: Stage<Messages<Decoded>, Messages<Admitted>> = {
  name: 'clean',
  does: 'checks fields, puts text and prices in one form; what breaks a rule becomes a dead letter, item by item',
  takes: 'messages',
  gives: 'messages',
  run({ deps: { gate } }, messages) {
    const work = () => oneLetterEach(each(messages, (message) => cleanMessage(gate, message)));
    return gate.within ? gate.within(work) : work();
  },
  flow: (input, output) => passedOn(standingOf(input), output),
  count(counts, { messages }) {
    for (const message of messages) {
      if (message.kind === 'rejected') continue;
      const of = message.kind === 'list' ? 'lists' : 'interactions';
      counts[`${of}Cleaned`]++;
      if (message.isMisplaced) counts[`${of}Misplaced`]++;
    }
  },
};
