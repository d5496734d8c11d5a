import { SluiceError } from '../../errors.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import type { Codec } from '../../ports/codec.js';
import { parseWriter, recordReader, recordWriter, type AvroShapeRules, type ReadRecord } from './avro-codec.js';
import type { AvroType } from './avro-type.js';
import { HEADER_BYTES, schemaIdOf, type ConfluentSchemas } from './confluent-schemas.js';
import { fingerprintOf } from './fingerprint.js';
import { WireFault } from './wire-fault.js';

const FORMAT = 'confluent';

/**
 * A codec of Confluent framing: a zero byte, the schema id in four bytes, the Avro record. Values are read with the
 * schema their id names, whatever it is, and brought to our fields: see `recordReader`. `ready` registers our schema
 * under `subject`, after which `encode` works; a codec that only decodes needs no `ready`.
 *
 * Decoding throws `undecodable`, or `schema-unknown` when the registry did not know the id
 * (or `prepare` was not asked about it).
 */
export function confluentCodec<T>(
  schemas: ConfluentSchemas,
  subject: string,
  schema: string,
  rules: AvroShapeRules,
): Codec<T> {
  const ours = parseWriter([schema]);
  const encode = recordWriter(ours);
  const fingerprint = fingerprintOf(schema);
  const readers = new Map<number, ReadRecord>();
  let ownId: number | undefined;
  let registering: Promise<void> | undefined;

  const readerOf = (id: number, value: Uint8Array): ReadRecord => {
    const reader = readers.get(id) ?? makeReader(schemas, id, value, ours, rules);
    readers.set(id, reader);
    return reader;
  };
  return {
    format: FORMAT,
    ready: () =>
      (registering ??= schemas.registry.register(subject, schema).then(
        (id) => void (ownId = id),
        (error: unknown) => {
          registering = undefined;
          throw error;
        },
      )),
    prepare: (values) => schemas.prepare(values),
    decode(value) {
      const id = schemaIdOf(value);
      if (id === undefined) throw undecodable(value, 'it does not begin with a zero byte and a schema id');
      return readerOf(id, value)(value, HEADER_BYTES) as T;
    },
    encode(record) {
      if (ownId === undefined) throw new SluiceError('bug', { why: `the schema of ${subject} is not registered yet` });
      return encode(record, ownId);
    },
    headers: () => ({
      [ROW_HEADERS.schema]: fingerprint,
      ...(ownId === undefined ? {} : { [ROW_HEADERS.schemaId]: String(ownId) }),
    }),
  };
}

function makeReader(
  schemas: ConfluentSchemas,
  id: number,
  value: Uint8Array,
  ours: AvroType,
  rules: AvroShapeRules,
): ReadRecord {
  const writer = schemas.get(id);
  if (writer === undefined) throw new SluiceError('schema-unknown', { schemaId: id });
  if (writer.schemaType !== 'AVRO') throw undecodable(value, `schema ${id} is of type ${writer.schemaType}, not AVRO`);
  try {
    return recordReader(FORMAT, parseWriter(writer.texts), ours, rules);
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    throw undecodable(value, `schema ${id}: ${error.why}`);
  }
}

function undecodable(value: Uint8Array, why: string): SluiceError {
  return new SluiceError('undecodable', { format: FORMAT, bytes: value.byteLength, why });
}
