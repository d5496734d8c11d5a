import { SluiceError } from '../../errors.js';
import type { Codec } from '../../ports/codec.js';
import { parseAvroSchemas, type AvroType } from './avro-type.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { moveToContext, type Fields } from './keep-unknown.js';
import { compileReader, type Read } from './read-type.js';
import { namesIn } from './resolve.js';
import { WireFault } from './wire-fault.js';
import { compileWriter, type Write } from './write-type.js';

/** How records of one topic look to the rest of Sluice, whatever schema they were written with. */
export interface AvroShapeRules {
  /** Fields that are not among these go to `context`; undefined: fields stay where they are. */
  readonly knownFields?: ReadonlySet<string>;
  /** Fields that come as Float32Array. */
  readonly float32Fields?: ReadonlySet<string>;
}

/** Reads one record of one writer schema from `bytes`, beginning at `at`. Throws `undecodable`. */
export type ReadRecord = (bytes: Uint8Array, at: number) => Fields;

/**
 * A codec of plain Avro: no framing, every message written with `written`, by default our own schema. Decoded values are plain (no wrappers around
 * union branches); ids, enums and types are as the schema says, so a list that decodes is a list in shape. Decoding throws
 * `undecodable` on a record cut short, bytes left over and text that is not UTF-8; encoding throws `invalid-field`
 * with the path of the value that the schema does not allow. Throws {@link WireFault} for no schema.
 */
export function avroCodec<T>(ours: string, rules: AvroShapeRules = {}, written = ours): Codec<T> {
  const writer = parseWriter([written]);
  const read = recordReader('avro', writer, written === ours ? writer : parseWriter([ours]), rules);
  const encode = recordWriter(writer);
  return {
    format: 'avro',
    prepare: () => undefined,
    decode: (value) => read(value, 0) as T,
    encode: (record) => encode(record),
  };
}

/**
 * Makes a reader of records written as `writer` that gives them the fields of `ours`: what the writer left out takes the
 * default of our schema, what it added is kept by the rules. Types are the writer's own and are for the clean stage to
 * judge, so that one wrong field is named there instead of making every message unreadable here.
 */
export function recordReader(format: string, writer: AvroType, ours: AvroType, rules: AvroShapeRules): ReadRecord {
  const read = compileReader(writer, rules.float32Fields, expectedOf(ours, rules));
  const finish = completion(writer, ours, rules);
  const from = new ByteReader();
  return (bytes, at) => {
    try {
      return finish(readWhole(from, read, bytes, at));
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      throw new SluiceError('undecodable', { format, bytes: bytes.byteLength, why: error.why });
    }
  };
}

/** Makes a writer of records in a schema, behind the four bytes of a schema id when there is one. Throws `invalid-field`. */
export function recordWriter(type: AvroType): (record: unknown, schemaId?: number) => Uint8Array {
  const write: Write = compileWriter(type);
  const to = new ByteWriter();
  return (record, schemaId) => {
    to.begin();
    if (schemaId !== undefined) {
      to.byte(0);
      to.uint32BigEndian(schemaId);
    }
    try {
      write(to, record);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      throw new SluiceError('invalid-field', {
        field: error.field || 'the record',
        value: error.found,
        expected: error.why,
      });
    }
    return to.finish();
  };
}

/** Parses the schemas of a writer, the last being the record's. Throws {@link WireFault}. */
export function parseWriter(texts: readonly string[]): AvroType {
  const type = parseAvroSchemas(texts);
  if (type.kind !== 'record') throw new WireFault('the schema is not of a record');
  return type;
}

function readWhole(from: ByteReader, read: Read, bytes: Uint8Array, at: number): Fields {
  from.begin(bytes, at);
  const record = read(from);
  from.finish();
  return record as Fields;
}

/** Records that a mapping reads come as they were written; others are brought to our fields. */
function expectedOf(ours: AvroType, { knownFields }: AvroShapeRules): AvroType | undefined {
  return knownFields === undefined ? undefined : ours;
}

function completion(writer: AvroType, ours: AvroType, rules: AvroShapeRules): (record: Fields) => Fields {
  const written = namesIn(writer, expectedOf(ours, rules));
  const { knownFields } = rules;
  const unknown = knownFields === undefined ? [] : written.filter((name) => !knownFields.has(name));
  const absent = writer === ours ? [] : defaultsOf(ours).filter(([name]) => !written.includes(name));
  if (unknown.length === 0 && absent.length === 0) return (record) => record;
  return (record) => {
    for (const [name, value] of absent) record[name] = value;
    moveToContext(record, unknown);
    return record;
  };
}

function defaultsOf(type: AvroType): (readonly [string, unknown])[] {
  if (type.kind !== 'record') return [];
  return type.fields.flatMap((field) =>
    field.defaultValue === undefined ? [] : [[field.name, field.defaultValue] as const],
  );
}
