import type { RegistrySchemas } from '../../config/schema.js';
import { messageOf, SluiceError } from '../../errors.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import type { Codec } from '../../ports/codec.js';
import type { Headers } from '../../ports/transport.js';
import { parseWriter, recordReader, recordWriter, type AvroShapeRules, type ReadRecord } from './avro-codec.js';
import { HEADER_BYTES, schemaIdOf, type ConfluentSchemas } from './confluent-schemas.js';
import { fingerprintOf } from './fingerprint.js';
import type { Fields } from './keep-unknown.js';
import { WireFault } from './wire-fault.js';
import { writerSchema, type WriterSchema } from './writer-schema.js';

const FORMAT = 'confluent';

/** What a codec does beyond reading Avro and registering its schema. */
export interface ConfluentOptions {
  /** Where the schema that is written with comes from; default: it is registered. */
  readonly mode?: RegistrySchemas;
  /** Reads a value of a JSON Schema, which comes as JSON behind the frame; default: such values are undecodable. */
  readonly readJson?: (value: Uint8Array) => unknown;
  /** Told of the record of a value that came as Protobuf; default: such values are undecodable. */
  readonly fromProtobuf?: (record: Fields) => void;
}

/**
 * A codec of Confluent framing: a zero byte, the schema id in four bytes, the Avro record. Values are read with the
 * schema their id names, whatever it is, and brought to our fields: see `recordReader`. `ready` finds the schema of
 * `subject` that is written with (`writerSchema`), after which `encode` works; a codec that only decodes needs no `ready`.
 *
 * Decoding throws `undecodable`, or `schema-unknown` when the registry did not know the id
 * (or `prepare` was not asked about it).
 */
export function confluentCodec<T>(
  schemas: ConfluentSchemas,
  subject: string,
  schema: string,
  rules: AvroShapeRules,
  { mode = 'register', readJson, fromProtobuf }: ConfluentOptions = {},
): Codec<T> {
  const ours = parseWriter([schema]);
  const readers = new Map<number, ReadRecord>();
  let own: Own | undefined;
  let registering: Promise<void> | undefined;

  const readerOf = (id: number, value: Uint8Array): ReadRecord => {
    const reader = readers.get(id) ?? makeReader(id, value);
    readers.set(id, reader);
    return reader;
  };
  const makeReader = (id: number, value: Uint8Array): ReadRecord => {
    const writer = schemas.get(id);
    if (writer === undefined) throw new SluiceError('schema-unknown', { schemaId: id });
    if (writer.schemaType === 'JSON' && readJson !== undefined) return jsonReader(id, readJson);
    if (writer.schemaType === 'PROTOBUF' && fromProtobuf) return readProtobuf(id, writer.texts, value, fromProtobuf);
    if (writer.schemaType !== 'AVRO')
      throw undecodable(value, `schema ${id} is of type ${writer.schemaType}, not AVRO`);
    try {
      return recordReader(FORMAT, parseWriter(writer.texts), ours, rules);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      throw undecodable(value, `schema ${id}: ${error.why}`);
    }
  };
  const readProtobuf = (id: number, texts: readonly string[], value: Uint8Array, told: (record: Fields) => void) => {
    const fault = (bytes: Uint8Array, thrown: unknown) =>
      undecodable(bytes, `Protobuf of schema ${id}: ${messageOf(thrown)}`);
    try {
      const read = schemas.protobufReader!(texts);
      return (bytes: Uint8Array, at: number): Fields => {
        let record: Fields;
        try {
          record = read(bytes, at);
        } catch (thrown) {
          throw fault(bytes, thrown);
        }
        told(record);
        return record;
      };
    } catch (thrown) {
      throw fault(value, thrown);
    }
  };
  return {
    format: FORMAT,
    ready: () =>
      (registering ??= writerSchema(schemas.registry, mode, subject, schema).then(
        (found) => void (own = ownOf(found)),
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
      if (own === undefined) throw new SluiceError('bug', { why: `the schema of ${subject} is not registered yet` });
      return own.encode(record, own.id);
    },
    headers: () => own?.headers ?? {},
  };
}

/** What a codec writes with. */
interface Own {
  readonly id: number;
  readonly encode: ReturnType<typeof recordWriter>;
  readonly headers: Headers;
}

function ownOf({ id, texts }: WriterSchema): Own {
  const headers = { [ROW_HEADERS.schema]: fingerprintOf(...texts), [ROW_HEADERS.schemaId]: String(id) };
  return { id, encode: recordWriter(parseWriter(texts)), headers };
}

function jsonReader(id: number, readJson: (value: Uint8Array) => unknown): ReadRecord {
  return (bytes, at) => {
    try {
      return readJson(bytes.subarray(at)) as Fields;
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'undecodable') throw error;
      throw undecodable(bytes, `JSON of schema ${id}: ${String(error.details['why'])}`);
    }
  };
}

function undecodable(value: Uint8Array, why: string): SluiceError {
  return new SluiceError('undecodable', { format: FORMAT, bytes: value.byteLength, why });
}
