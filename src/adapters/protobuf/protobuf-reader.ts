import protobuf, { type Type } from 'protobufjs';
import { plain } from './plain.js';

/** Reads values of one schema, as Confluent's serializers frame them: which message of the file it is, then the message. */
export type ProtobufReader = (bytes: Uint8Array, at: number) => Record<string, unknown>;

/** Deeper than anybody nests messages. */
const MOST_INDEXES = 32;

/**
 * A reader for a schema file of Protocol Buffers.
 * @param texts those that it imports first, the file itself last
 * @throws Error with what is wrong, on texts that are no schema and, of the reader, on bytes that are no message
 */
export function protobufReader(texts: readonly string[]): ProtobufReader {
  const root = new protobuf.Root();
  for (const text of texts) {
    const { imports = [] } = protobuf.parse(text, root, { keepCase: true });
    for (const name of imports) {
      const known = protobuf.common.get(name)?.nested;
      if (known) root.addJSON(known);
    }
  }
  root.resolveAll();
  const file = protobuf.parse(texts.at(-1)!, new protobuf.Root(), { keepCase: true });
  const space = file.package === undefined ? file.root : file.root.lookup(file.package);
  const top = space instanceof protobuf.Namespace ? messagesIn(space) : [];
  const types = new Map<string, Type>();
  return (bytes, at) => {
    const reader = protobuf.Reader.create(bytes);
    reader.pos = at;
    const path = indexesIn(reader);
    const key = path.join();
    const type = types.get(key) ?? root.lookupType(typeAt(top, path).fullName);
    types.set(key, type);
    return plain(type, type.decode(reader) as unknown as Record<string, unknown>);
  };
}

/** The way to a message through the messages of a file: a zero alone is the first one. */
function indexesIn(reader: protobuf.Reader): readonly number[] {
  const count = reader.sint32();
  if (count === 0) return [0];
  if (count < 0 || count > MOST_INDEXES) throw new Error(`${count} message indexes`);
  return Array.from({ length: count }, () => reader.sint32());
}

function typeAt(top: readonly Type[], path: readonly number[]): Type {
  let found: Type | undefined;
  for (const index of path) {
    // A map is a nested message to the one who counts, and none to the one who parses.
    if (found?.fieldsArray.some(({ map }) => map)) throw new Error('a message nested in one with a map');
    found = (found ? messagesIn(found) : top)[index];
    if (!found) throw new Error(`no message ${path.join('.')} in its schema`);
  }
  return found!;
}

function messagesIn(space: protobuf.NamespaceBase): readonly Type[] {
  return space.nestedArray.filter((each): each is Type => each instanceof protobuf.Type);
}
