import avsc, { type Type, type types } from 'avsc';
import { messageOf } from '../../errors.js';
import { WireFault } from './wire-fault.js';

/** A parsed Avro schema: names resolved, defaults checked. */
export type AvroType = Type;

/** Avro types by kind, as the readers and writers take them apart. */
export type AvroShape =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes' }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly AvroField[] };

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** undefined when the field has no default. */
  readonly defaultValue: unknown;
}

/**
 * Parses Avro schemas in order, each of which may use the names of those before it, and returns the last. Logical types
 * are read as the type under them. Throws {@link WireFault} when one is not an Avro schema.
 */
export function parseAvroSchemas(texts: readonly string[]): AvroType {
  const registry = {};
  let last: AvroType | undefined;
  try {
    for (const text of texts)
      last = avsc.Type.forSchema(JSON.parse(text) as avsc.Schema, { registry, wrapUnions: true });
  } catch (error) {
    throw new WireFault(`not an Avro schema: ${messageOf(error)}`);
  }
  if (last === undefined) throw new WireFault('no schema');
  return last;
}

/** Takes a type apart, one level deep. */
export function shapeOf(type: AvroType): AvroShape {
  switch (type.typeName) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'string':
    case 'bytes':
      return { kind: type.typeName };
    case 'fixed':
      return { kind: 'fixed', size: (type as types.FixedType).size };
    case 'enum':
      return { kind: 'enum', symbols: (type as types.EnumType).symbols };
    case 'array':
      return { kind: 'array', items: (type as types.ArrayType).itemsType };
    case 'map':
      return { kind: 'map', values: (type as unknown as { valuesType: AvroType }).valuesType };
    case 'record':
    case 'error':
      return { kind: 'record', name: type.name ?? '', fields: fieldsOf(type as types.RecordType) };
    default:
      if (!type.typeName.startsWith('union:')) throw new WireFault(`type ${type.typeName} is not read`);
      return { kind: 'union', branches: (type as types.UnwrappedUnionType).types };
  }
}

function fieldsOf(type: types.RecordType): AvroField[] {
  return type.fields.map((field) => ({
    name: field.name,
    type: field.type,
    defaultValue: unwrapped((field as { defaultValue(): unknown }).defaultValue()),
  }));
}

/** A default of a union comes wrapped by its branch; all of ours are null, numbers or text. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'unwrap' in value
    ? (value as { unwrap(): unknown }).unwrap()
    : value;
}
