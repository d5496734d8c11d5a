import type { AvroField, AvroType } from './avro-type.js';
import type { ByteWriter } from './byte-writer.js';
import { shown, WireFault } from './wire-fault.js';

export type Write = (to: ByteWriter, value: unknown) => void;

/**
 * Compiles a schema into a writer of plain values, the inverse of `compileReader`. An absent field takes its default;
 * arrays of floats may be typed arrays; a union takes the first branch that fits. Throws {@link WireFault} with the path
 * of the field at a value that does not fit.
 */
export function compileWriter(type: AvroType): Write {
  return new WriterCompiler().compile(type);
}

class WriterCompiler {
  /** Writers of named records, so that a schema may refer to itself. */
  private readonly records = new Map<AvroType, Write>();

  compile(type: AvroType): Write {
    switch (type.kind) {
      case 'array':
        return this.array(type.items);
      case 'map':
        return writeMap(this.compile(type.values));
      case 'union':
        return this.union(type.branches);
      case 'record':
        return this.record(type, type.fields);
      default:
        return writeScalar(type);
    }
  }

  private array(items: AvroType): Write {
    return items.kind === 'float' ? writeFloats : writeArray(this.compile(items));
  }

  private union(branches: readonly AvroType[]): Write {
    const writers = branches.map((branch) => this.compile(branch));
    const accepts = branches.map((branch) => acceptor(branch));
    if (branches[0]?.kind === 'null' && branches.length === 2) return writeOptional(writers[1]!);
    return (to, value) => {
      const index = accepts.findIndex((accept) => accept(value));
      if (index < 0) throw new WireFault(`one of ${branches.map((branch) => branch.kind).join(', ')}`, shown(value));
      to.byte(index * 2);
      writers[index]!(to, value);
    };
  }

  private record(type: AvroType, fields: readonly AvroField[]): Write {
    const compiled = this.records.get(type);
    if (compiled) return compiled;
    this.records.set(type, (to, value) => write(to, value));
    const write: Write = writeRecord(
      fields,
      fields.map((field) => this.compile(field.type)),
    );
    this.records.set(type, write);
    return write;
  }
}

function writeOptional(write: Write): Write {
  return (to, value) => {
    if (value === null || value === undefined) return to.byte(0);
    to.byte(2);
    write(to, value);
  };
}

function writeScalar(shape: AvroType): Write {
  const accept = acceptor(shape);
  const write = scalarWriter(shape);
  return (to, value) => {
    if (!accept(value)) throw new WireFault(expectation(shape), shown(value));
    write(to, value as never);
  };
}

function scalarWriter(shape: AvroType): (to: ByteWriter, value: never) => void {
  switch (shape.kind) {
    case 'boolean':
      return (to, value) => to.byte(value ? 1 : 0);
    case 'int':
    case 'long':
      return (to, value) => to.long(value);
    case 'float':
      return (to, value) => to.float(value);
    case 'double':
      return (to, value) => to.double(value);
    case 'string':
      return (to, value) => to.text(value);
    case 'bytes':
      return (to, value) => to.byteString(value);
    case 'fixed':
      return (to, value) => to.fixed(value);
    case 'enum':
      return (to, value) => to.long(shape.symbols.indexOf(value));
    default:
      return () => undefined;
  }
}

/** Whether a value can be written as a type; of a container, only whether it is one. */
function acceptor(shape: AvroType): (value: unknown) => boolean {
  switch (shape.kind) {
    case 'null':
      return (value) => value === null || value === undefined;
    case 'int':
      return (value) => typeof value === 'number' && (value | 0) === value;
    case 'long':
      return Number.isSafeInteger;
    case 'float':
    case 'double':
      return (value) => typeof value === 'number';
    case 'boolean':
    case 'string':
      return (value) => typeof value === shape.kind;
    case 'bytes':
      return (value) => value instanceof Uint8Array;
    case 'fixed':
      return (value) => value instanceof Uint8Array && value.byteLength === shape.size;
    case 'enum':
      return (value) => shape.symbols.includes(value as string);
    case 'array':
      return isList;
    default:
      return (value) => typeof value === 'object' && value !== null && !isList(value);
  }
}

function expectation(shape: AvroType): string {
  return shape.kind === 'enum' ? `one of ${shape.symbols.join(', ')}` : `type ${shape.kind}`;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function writeFloats(to: ByteWriter, value: unknown): void {
  if (!isList(value)) throw new WireFault('an array of numbers', shown(value));
  const values = value as ArrayLike<number>;
  if (values.length > 0) {
    to.long(values.length);
    to.floats(values);
  }
  to.byte(0);
}

function writeArray(item: Write): Write {
  return (to, value) => {
    if (!Array.isArray(value)) throw new WireFault('an array', shown(value));
    if (value.length > 0) {
      to.long(value.length);
      let i = 0;
      try {
        for (; i < value.length; i++) item(to, value[i]);
      } catch (error) {
        throw within(i, error);
      }
    }
    to.byte(0);
  };
}

function writeMap(write: Write): Write {
  return (to, value) => {
    if (typeof value !== 'object' || value === null) throw new WireFault('a map', shown(value));
    const entries = Object.entries(value);
    if (entries.length > 0) {
      to.long(entries.length);
      for (const [key, one] of entries) {
        to.text(key);
        try {
          write(to, one);
        } catch (error) {
          throw within(key, error);
        }
      }
    }
    to.byte(0);
  };
}

function writeRecord(fields: readonly AvroField[], writers: readonly Write[]): Write {
  return (to, value) => {
    if (typeof value !== 'object' || value === null) throw new WireFault('a record', shown(value));
    const record = value as Record<string, unknown>;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      const given = record[field.name];
      try {
        writers[i]!(to, given === undefined ? field.defaultValue : given);
      } catch (error) {
        throw within(field.name, error);
      }
    }
  };
}

function within(part: string | number, error: unknown): unknown {
  if (error instanceof WireFault) error.path.unshift(part);
  return error;
}
