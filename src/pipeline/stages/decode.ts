import { decodeMessage, type Decoded } from '../admit.js';
import { passedOn, type Messages } from '../messages.js';
import { INPUTS } from '../../ports/transport.js';
import type { Chunk } from '../read/input-reader.js';
import type { Stage } from '../stage.js';

export const decode: Stage<Chunk, Messages<Decoded>> = {
  name: 'decode',
  does: 'bytes become records of our schemas, by registry and mapping; the rest become dead letters',
  takes: 'messages',
  gives: 'messages',
  async run({ deps: { gate }, unknown }, { records, caughtUp }) {
    // What the codecs need comes first, so that no message waits for a schema.
    for (const input of INPUTS)
      if (records[input].length > 0)
        await gate[input].prepare(records[input].map(({ value, unreadable }) => (unreadable ? null : value)));
    const read = INPUTS.flatMap((input) =>
      records[input].flatMap((record) =>
        decodeMessage(gate, input, record, unknown).map((message) => ({ record, message })),
      ),
    );
    return { caughtUp, records: read.map(({ record }) => record), messages: read.map(({ message }) => message) };
  },
  flow: (_, output) => passedOn({ sound: output.messages.length, refused: 0 }, output),
};
