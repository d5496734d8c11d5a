import avsc, { type Type, type types } from 'avsc';
import { messageOf } from '../../errors.js';
import { tolerant } from './tolerant-schema.js';
import { WireFault } from './wire-fault.js';

/** What a type means beyond its bytes, where the schema says it in a way that Avro knows. */
export type AvroLogical =
  | { readonly name: 'decimal'; readonly scale: number }
  | { readonly name: 'uuid' }
  | { readonly name: 'date' }
  /** An instant, or a local time taken as UTC; `perMs` units make a millisecond. */
  | { readonly name: 'timestamp'; readonly perMs: number };

/** A parsed Avro type, names resolved. Types of records may contain themselves. */
export type AvroType =
  | {
      readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes';
      readonly logical?: AvroLogical;
    }
  | { readonly kind: 'fixed'; readonly size: number; readonly logical?: AvroLogical }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly AvroField[] };

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** undefined when the field has no default, or none of the schema's defaults was taken. */
  readonly defaultValue: unknown;
  readonly aliases: readonly string[];
}

/**
 * Parses Avro schemas in order, each of which may use the names of those before it, and returns the last. avsc parses; a
 * text that it refuses is parsed once more without what registries and the Java client are lenient about, see
 * {@link tolerant}. Logical types that Avro does not know, or that do not fit their type, are passed over. Throws
 * {@link WireFault} when a text is not an Avro schema.
 */
export function parseAvroSchemas(texts: readonly string[]): AvroType {
  const read = new SchemaReader();
  let last: AvroType | undefined;
  try {
    for (const text of texts) last = read.next(JSON.parse(text));
  } catch (error) {
    throw new WireFault(`not an Avro schema: ${error instanceof WireFault ? error.why : messageOf(error)}`);
  }
  if (last === undefined) throw new WireFault('no schema');
  return last;
}

/** A type that avsc reads as the one under it, with what it means beside it. */
class Logical extends avsc.types.LogicalType {
  readonly meaning: AvroLogical;

  constructor(schema: avsc.Schema, options: unknown) {
    super(schema, options);
    const { typeName } = this.underlyingType;
    const size = typeName === 'fixed' ? (this.underlyingType as types.FixedType).size : undefined;
    const meaning = logicalOf(typeName, schema as Attributes, size);
    // avsc then takes the type under it, as the specification says.
    if (meaning === undefined) throw new WireFault('the logical type does not fit');
    this.meaning = meaning;
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

/** Schemas that follow one another and may use each other's names. */
class SchemaReader {
  private readonly known = new Map<Type, AvroType>();
  private registry: Record<string, Type> = {};

  next(schema: unknown): AvroType {
    try {
      return this.read(schema, (name) => name);
    } catch {
      // What is wrong beside what we are lenient about is what to say.
      const { schema: lenient, nameOf } = tolerant(schema);
      return this.read(lenient, nameOf);
    }
  }

  private read(schema: unknown, nameOf: (name: string) => string): AvroType {
    const options = { registry: { ...this.registry }, wrapUnions: true, logicalTypes: LOGICAL_TYPES };
    const type = avsc.Type.forSchema(schema as avsc.Schema, options);
    const read = this.typeOf(type, nameOf);
    this.registry = options.registry;
    return read;
  }

  private typeOf(type: Type, nameOf: (name: string) => string): AvroType {
    const known = this.known.get(type);
    if (known) return known;
    if (type instanceof Logical) {
      const under = this.typeOf(type.underlyingType, nameOf);
      return this.remember(type, { ...under, logical: type.meaning } as AvroType);
    }
    if (isPrimitive(type.typeName)) return this.remember(type, { kind: type.typeName });
    switch (type.typeName) {
      case 'fixed':
        return this.remember(type, { kind: 'fixed', size: (type as types.FixedType).size });
      case 'enum':
        return this.remember(type, { kind: 'enum', symbols: (type as types.EnumType).symbols.map(nameOf) });
      case 'array':
        return this.remember(type, { kind: 'array', items: this.typeOf((type as types.ArrayType).itemsType, nameOf) });
      case 'map':
        return this.remember(type, { kind: 'map', values: this.typeOf((type as types.MapType).valuesType, nameOf) });
      case 'record':
      case 'error':
        return this.record(type as types.RecordType, nameOf);
      default: {
        const { types: branches } = type as types.WrappedUnionType;
        return this.remember(type, { kind: 'union', branches: branches.map((one) => this.typeOf(one, nameOf)) });
      }
    }
  }

  private record(type: types.RecordType, nameOf: (name: string) => string): AvroType {
    const fields: AvroField[] = [];
    const record = this.remember(type, { kind: 'record', name: nameOf(type.name ?? ''), fields });
    for (const field of type.fields)
      fields.push({
        name: nameOf(field.name),
        type: this.typeOf(field.type, nameOf),
        defaultValue: unwrapped(field.defaultValue()),
        aliases: field.aliases.map(nameOf),
      });
    return record;
  }

  private remember(type: Type, read: AvroType): AvroType {
    this.known.set(type, read);
    return read;
  }
}

type Attributes = Readonly<Record<string, unknown>>;

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;
type Primitive = (typeof PRIMITIVES)[number];

function isPrimitive(type: string): type is Primitive {
  return (PRIMITIVES as readonly string[]).includes(type);
}

/** avsc wraps the default of a union by its branch. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'unwrap' in value
    ? (value as { unwrap(): unknown }).unwrap()
    : value;
}

/** One that does not fit its type, or lacks what it needs, is no logical type: its bytes are read as they are. */
function logicalOf(kind: string, attributes: Attributes, size?: number): AvroLogical | undefined {
  const { logicalType, precision, scale = 0 } = attributes;
  switch (logicalType) {
    case 'decimal':
      return (kind === 'bytes' || kind === 'fixed') && isCount(precision) && isCount(scale) && scale <= precision
        ? { name: 'decimal', scale }
        : undefined;
    case 'uuid':
      return kind === 'string' || size === UUID_BYTES ? { name: 'uuid' } : undefined;
    case 'date':
      return kind === 'int' ? { name: 'date' } : undefined;
    default: {
      const perMs = typeof logicalType === 'string' ? PER_MS.get(logicalType) : undefined;
      return kind === 'long' && perMs !== undefined ? { name: 'timestamp', perMs } : undefined;
    }
  }
}

const UUID_BYTES = 16;
const PER_MS: ReadonlyMap<string, number> = new Map(
  ['timestamp', 'local-timestamp'].flatMap((name): [string, number][] => [
    [`${name}-millis`, 1],
    [`${name}-micros`, 1_000],
    [`${name}-nanos`, 1_000_000],
  ]),
);

const LOGICAL_TYPES = Object.fromEntries(['decimal', 'uuid', 'date', ...PER_MS.keys()].map((name) => [name, Logical]));

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
