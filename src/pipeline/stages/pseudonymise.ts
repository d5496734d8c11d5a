import { pseudonymiseMessage } from '../admit.js';
import type { Admitted } from '../admitted.js';
import { each, passedOn, standingOf, type Messages } from '../messages.js';
import type { Stage } from '../stage.js';

export const pseudonymise: Stage<Messages<Admitted>, Messages<Admitted>> = {
  name: 'pseudonymise',
  does: 'replaces people by keyed pseudonyms, and gives ids that hold one a public form',
  takes: 'messages',
  gives: 'messages',
  run: ({ deps: { gate } }, messages) => each(messages, (message) => pseudonymiseMessage(gate, message)),
  flow: (input, output) => passedOn(standingOf(input), output),
};
