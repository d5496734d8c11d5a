import { messageOf } from '../../errors.js';
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
  /** As the schema has it, unchecked; undefined when the field has no default. */
  readonly defaultValue: unknown;
  readonly aliases: readonly string[];
}

/**
 * Parses Avro schemas in order, each of which may use the names of those before it, and returns the last. As lenient as
 * the registries: a default is taken as it stands, whether it fits its type or not, since it plays no part in reading what
 * was written; attributes and logical types that Avro does not know are passed over. Throws {@link WireFault} when a text
 * is not an Avro schema.
 */
export function parseAvroSchemas(texts: readonly string[]): AvroType {
  const names: Names = new Map();
  let last: AvroType | undefined;
  try {
    for (const text of texts) last = typeOf(JSON.parse(text), '', names);
  } catch (error) {
    throw new WireFault(`not an Avro schema: ${error instanceof WireFault ? error.why : messageOf(error)}`);
  }
  if (last === undefined) throw new WireFault('no schema');
  return last;
}

/** Named types by full name. */
type Names = Map<string, AvroType>;
type Attributes = Readonly<Record<string, unknown>>;

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const;
type Primitive = (typeof PRIMITIVES)[number];

function typeOf(given: unknown, namespace: string, names: Names): AvroType {
  if (typeof given === 'string') return namedType(given, namespace, names);
  if (Array.isArray(given)) return { kind: 'union', branches: given.map((one) => typeOf(one, namespace, names)) };
  if (typeof given !== 'object' || given === null)
    throw new WireFault('a type is neither a name, a list nor an object');
  const attributes = given as Attributes;
  const { type } = attributes;
  switch (type) {
    case 'array':
      return { kind: 'array', items: typeOf(attributes['items'], namespace, names) };
    case 'map':
      return { kind: 'map', values: typeOf(attributes['values'], namespace, names) };
    case 'record':
    case 'error':
      return recordType(attributes, namespace, names);
    case 'enum':
      return register(attributes, namespace, names, { kind: 'enum', symbols: symbolsOf(attributes) });
    case 'fixed':
      return register(attributes, namespace, names, fixedType(attributes));
    default:
      if (isPrimitive(type)) return withLogical(type, attributes);
      return typeOf(type, namespace, names);
  }
}

function isPrimitive(type: unknown): type is Primitive {
  return (PRIMITIVES as readonly unknown[]).includes(type);
}

function namedType(name: string, namespace: string, names: Names): AvroType {
  if (isPrimitive(name)) return { kind: name };
  const found = names.get(name.includes('.') ? name : qualified(name, namespace)) ?? names.get(name);
  if (found === undefined) throw new WireFault(`there is no type ${JSON.stringify(name)}`);
  return found;
}

function qualified(name: string, namespace: string): string {
  return namespace === '' ? name : `${namespace}.${name}`;
}

/** Full name of a named type, and the namespace that holds for the names inside it. */
function nameOf({ name, namespace }: Attributes, outer: string): { readonly full: string; readonly inner: string } {
  if (typeof name !== 'string' || name === '') throw new WireFault('a record, enum or fixed has no name');
  const dot = name.lastIndexOf('.');
  if (dot >= 0) return { full: name, inner: name.slice(0, dot) };
  const inner = typeof namespace === 'string' ? namespace : outer;
  return { full: qualified(name, inner), inner };
}

function register<T extends AvroType>(attributes: Attributes, namespace: string, names: Names, type: T): T {
  const { full } = nameOf(attributes, namespace);
  if (names.has(full)) throw new WireFault(`type ${JSON.stringify(full)} is defined twice`);
  names.set(full, type);
  return type;
}

function recordType(attributes: Attributes, namespace: string, names: Names): AvroType {
  const { full, inner } = nameOf(attributes, namespace);
  const fields: AvroField[] = [];
  const type = register(attributes, namespace, names, { kind: 'record' as const, name: full, fields });
  const given = attributes['fields'];
  if (!Array.isArray(given)) throw new WireFault(`record ${JSON.stringify(full)} has no fields`);
  const taken = new Set<unknown>();
  for (const field of given as (Attributes | null)[]) {
    const name = field?.['name'];
    if (typeof name !== 'string' || taken.has(name))
      throw new WireFault(`record ${JSON.stringify(full)} has a field without a name of its own`);
    taken.add(name);
    fields.push({
      name,
      type: typeOf(field!['type'], inner, names),
      defaultValue: field!['default'],
      aliases: textsOf(field!['aliases']),
    });
  }
  return type;
}

function textsOf(given: unknown): string[] {
  return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
}

function symbolsOf({ symbols }: Attributes): readonly string[] {
  if (!Array.isArray(symbols) || symbols.some((symbol) => typeof symbol !== 'string'))
    throw new WireFault('an enum has no symbols');
  return symbols as string[];
}

function fixedType(attributes: Attributes): AvroType {
  const { size } = attributes;
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw new WireFault('a fixed has no size');
  const logical = logicalOf('fixed', attributes, size as number);
  return { kind: 'fixed', size: size as number, ...(logical ? { logical } : {}) };
}

function withLogical(kind: Primitive, attributes: Attributes): AvroType {
  const logical = logicalOf(kind, attributes);
  return logical ? { kind, logical } : { kind };
}

/** One that does not fit its type, or lacks what it needs, is no logical type: its bytes are read as they are. */
function logicalOf(kind: Primitive | 'fixed', attributes: Attributes, size?: number): AvroLogical | undefined {
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

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
