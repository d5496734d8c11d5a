import { shapeOf, type AvroField, type AvroType } from './avro-type.js';
import type { ByteReader } from './byte-reader.js';
import { recordLiteral } from './record-literal.js';
import { WireFault } from './wire-fault.js';

export type Read = (from: ByteReader) => unknown;

/** Records within records beyond this are refused: a recursive schema lets a few bytes ask for any depth. */
const MAX_DEPTH = 64;
const NO_FLOATS: Float32Array = new Float32Array(0);

/**
 * Compiles a schema into a reader of plain values: no wrappers around union branches, maps as objects, longs as numbers,
 * bytes as Uint8Array. Fields of the outermost record named in `float32Fields` come as Float32Array where the schema has
 * an array of floats.
 */
export function compileReader(type: AvroType, float32Fields: ReadonlySet<string> = new Set()): Read {
  return new ReaderCompiler(float32Fields).compile(type);
}

class ReaderCompiler {
  /** Readers of named records, so that a schema may refer to itself. */
  private readonly records = new Map<AvroType, Read>();

  constructor(private readonly float32Fields: ReadonlySet<string>) {}

  compile(type: AvroType): Read {
    const shape = shapeOf(type);
    switch (shape.kind) {
      case 'null':
        return () => null;
      case 'boolean':
        return (from) => from.boolean();
      case 'int':
        return (from) => from.int();
      case 'long':
        return (from) => from.long();
      case 'float':
        return (from) => from.float();
      case 'double':
        return (from) => from.double();
      case 'string':
        return (from) => from.text();
      case 'bytes':
        return (from) => from.byteString();
      case 'fixed':
        return (from) => from.fixed(shape.size);
      case 'enum':
        return (from) => branch(shape.symbols, from);
      case 'array':
        return readArray(this.compile(shape.items));
      case 'map':
        return readMap(this.compile(shape.values));
      case 'union':
        return readUnion(shape.branches.map((one) => this.compile(one)));
      case 'record':
        return this.record(type, shape.fields);
    }
  }

  private record(type: AvroType, fields: readonly AvroField[]): Read {
    const compiled = this.records.get(type);
    if (compiled) return compiled;
    const outermost = this.records.size === 0;
    this.records.set(type, (from) => read(from));
    const read: Read = readRecord(
      fields.map((field) => field.name),
      fields.map((field) =>
        outermost && this.float32Fields.has(field.name) && isFloats(field.type) ? readFloats : this.compile(field.type),
      ),
    );
    this.records.set(type, read);
    return read;
  }
}

function isFloats(type: AvroType): boolean {
  const shape = shapeOf(type);
  return shape.kind === 'array' && shape.items.typeName === 'float';
}

function branch<T>(choices: readonly T[], from: ByteReader): T {
  const index = from.long();
  const chosen = choices[index];
  if (chosen === undefined) throw from.fault(`choice ${index} of ${choices.length}`);
  return chosen;
}

function readUnion(branches: readonly Read[]): Read {
  const [first, second] = branches;
  if (branches.length !== 2) return (from) => branch(branches, from)(from);
  return (from) => {
    const index = from.long();
    if (index === 0) return first!(from);
    if (index === 1) return second!(from);
    throw from.fault(`choice ${index} of 2`);
  };
}

function readArray(item: Read): Read {
  return (from) => {
    const values: unknown[] = [];
    for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
      from.claim(count);
      for (let i = 0; i < count; i++) values.push(item(from));
    }
    return values;
  };
}

function readMap(value: Read): Read {
  return (from) => {
    const values: Record<string, unknown> = {};
    for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
      from.claim(count);
      for (let i = 0; i < count; i++) set(values, from.text(), value(from));
    }
    return values;
  };
}

function readFloats(from: ByteReader): Float32Array {
  let values = NO_FLOATS;
  let length = 0;
  for (let count = from.blockCount(); count > 0; count = from.blockCount()) {
    from.claim(count);
    if (length + count > values.length) values = grown(values, Math.max(length + count, length * 2));
    from.floats(values, length, count);
    length += count;
  }
  return length === values.length ? values : values.slice(0, length);
}

function grown(values: Float32Array, capacity: number): Float32Array {
  const larger = new Float32Array(capacity);
  larger.set(values);
  return larger;
}

function readRecord(names: readonly string[], readers: readonly Read[]): Read {
  const fields = recordLiteral(names, readers);
  return (from) => {
    if (++from.depth > MAX_DEPTH) throw new WireFault(`more than ${MAX_DEPTH} records within each other`);
    const record = fields(from);
    from.depth--;
    return record;
  };
}

/** `__proto__` as a key would set the prototype. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
  else record[name] = value;
}
