import protobuf, { type Field, type Type } from 'protobufjs';

type Fields = Record<string, unknown>;

/** A value as protobufjs decodes it: 64-bit integers are objects, what was not on the wire stands on the prototype. */
type Decoded = Readonly<Record<string, unknown>>;

/** Messages of google.protobuf that JSON shows as one value. */
const WRAPPER = /^\.google\.protobuf\.\w+Value$/;
const TIMESTAMP = '.google.protobuf.Timestamp';
/** The word for "nobody has said", by the style guide of Protocol Buffers. */
const UNSPECIFIED = /(^|_)UNSPECIFIED$/;

/**
 * A message as protobuf's JSON has it: names in lowerCamelCase, enums by name, times in ISO 8601, bytes in base64. Integers of
 * 64 bits are numbers where a number holds them. A field of the message that is not on the wire is left out if it can say so
 * (`optional`, a message, a `oneof`) or is empty; a number or a boolean that cannot say so is 0 or false, as protobuf means it.
 */
export function plain(type: Type, decoded: Decoded): Fields {
  const fields: Fields = {};
  for (const field of type.fieldsArray) {
    const value = decoded[field.name];
    const isThere = Object.hasOwn(decoded, field.name);
    if (!isThere && (field.partOf ?? field.hasPresence)) continue;
    const found = valueOf(field, value);
    // Lists and maps are always there to protobufjs.
    const isSaid = isThere && !field.repeated && !field.map;
    if (found !== undefined && (isSaid || !isEmpty(found))) fields[jsonName(field)] = found;
  }
  return fields;
}

function valueOf(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (field.bytes && !(value instanceof Uint8Array)) return '';
  if (field.map)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, oneOf(field, each)] as const));
  return Array.isArray(value) && field.repeated ? value.map((each) => oneOf(field, each)) : oneOf(field, value);
}

function oneOf({ resolvedType }: Field, value: unknown): unknown {
  if (resolvedType instanceof protobuf.Enum) {
    const name = resolvedType.valuesById[value as number];
    return name === undefined ? value : UNSPECIFIED.test(name) ? undefined : name;
  }
  if (resolvedType instanceof protobuf.Type) return messageOf(resolvedType, value as Decoded);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? numberOf(value as object) : value;
}

function messageOf(type: Type, value: Decoded): unknown {
  if (type.fullName === TIMESTAMP) {
    const ms = Number(String(value['seconds'])) * 1000 + Number(value['nanos']) / 1e6;
    return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
  }
  if (WRAPPER.test(type.fullName) && type.fields['value']) return valueOf(type.fields['value'], value['value']);
  return plain(type, value);
}

/** Of 64 bits; as text where a number would not hold it. */
function numberOf(long: object): number | string {
  const text = String(long);
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function isEmpty(value: unknown): boolean {
  if (value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function jsonName(field: Field): string {
  const given: unknown = field.options?.['json_name'];
  return typeof given === 'string' ? given : field.name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}
