import { schemaText } from '../../adapters/avro/index.js';
import type { Page } from './page.js';

type Json = Record<string, unknown>;
type Avro = string | readonly Avro[] | AvroType;
interface AvroType {
  readonly type: Avro;
  readonly name?: string;
  readonly doc?: string;
  readonly fields?: readonly AvroField[];
  readonly symbols?: readonly string[];
  readonly items?: Avro;
  readonly values?: Avro;
}
interface AvroField {
  readonly name: string;
  readonly type: Avro;
  readonly doc?: string;
  readonly default?: unknown;
}

const PLAIN: Readonly<Record<string, Json>> = {
  string: { type: 'string' },
  long: { type: 'integer' },
  int: { type: 'integer' },
  double: { type: 'number' },
  float: { type: 'number' },
  boolean: { type: 'boolean' },
  null: { type: 'null' },
};

/** Both input events as JSON Schema, made of the Avro schemas: for producers that write JSON. */
export function eventSchemaPages(): readonly Page[] {
  return (['ImpressionList', 'Interaction'] as const).map((name) => {
    const of = jsonOf(parsed(name), new Map());
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: name, ...of };
    return { file: `../schemas/${name}.schema.json`, text: `${JSON.stringify(schema, null, 2)}\n` };
  });
}

function parsed(name: 'ImpressionList' | 'Interaction'): Avro {
  return JSON.parse(schemaText(name)) as Avro;
}

/** @param named records met before, which a later type refers to by their names */
function jsonOf(avro: Avro, named: Map<string, Json>): Json {
  if (typeof avro === 'string') return PLAIN[avro] ?? named.get(avro)!;
  if (Array.isArray(avro)) return { anyOf: (avro as readonly Avro[]).map((branch) => jsonOf(branch, named)) };
  const { type, name, doc, fields = [], symbols, items, values } = avro as AvroType;
  const described = doc === undefined ? {} : { description: doc };
  switch (type) {
    case 'record': {
      const record = {
        ...described,
        type: 'object',
        properties: Object.fromEntries(fields.map((field) => [field.name, fieldOf(field, named)])),
        required: fields.filter((field) => field.default === undefined).map((field) => field.name),
      };
      if (name !== undefined) named.set(name, record);
      return record;
    }
    case 'enum':
      return { ...described, enum: symbols };
    case 'array':
      return { ...described, type: 'array', items: jsonOf(items!, named) };
    case 'map':
      return { ...described, type: 'object', additionalProperties: jsonOf(values!, named) };
    default:
      return { ...jsonOf(type, named), ...described };
  }
}

function fieldOf({ type, doc }: AvroField, named: Map<string, Json>): Json {
  return { ...jsonOf(type, named), ...(doc === undefined ? {} : { description: doc }) };
}
