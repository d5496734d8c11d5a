import { z } from 'zod';
import { mappingSchema } from './mapping-schema.js';

type Json = Record<string, unknown>;

/** The mapping language as JSON Schema (draft 2020-12), by which editors complete and check mapping files. */
export function mappingJsonSchema(): Json {
  const schema = z.toJSONSchema(mappingSchema, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      asWritten(zodSchema, jsonSchema as Json);
    },
  });
  return {
    ...schema,
    title: 'Sluice mapping: where the fields of events stand in a log',
    description: 'docs/how/mapping.md',
  };
}

/** What people write is more than what is read: defaults may be left out, and there are short forms. */
function asWritten(zodSchema: z.core.$ZodTypes, json: Json): void {
  const { shape } = zodSchema._zod.def as { shape?: Record<string, z.core.$ZodType> };
  if (shape) {
    const required = Object.keys(shape).filter((name) => !z.safeParse(shape[name]!, undefined).success);
    delete json['required'];
    if (required.length > 0) json['required'] = required;
  }
  const meta = z.globalRegistry.get(zodSchema) as
    { shorthand?: boolean; listOrOne?: boolean; words?: string[] } | undefined;
  const { shorthand, listOrOne, words } = meta ?? {};
  for (const name of ['shorthand', 'listOrOne', 'words']) delete json[name];
  if (shorthand === true) replace(json, (long) => ({ anyOf: [short(words), { type: ['number', 'boolean'] }, long] }));
  if (listOrOne === true) replace(json, (list) => ({ anyOf: [list['items'], list] }));
}

function short(words: readonly string[] | undefined): Json {
  const description = 'A column or path; with {braces} a template.';
  return words ? { anyOf: [{ enum: words }, { type: 'string', description }] } : { type: 'string', description };
}

function replace(json: Json, by: (old: Json) => Json): void {
  const old = { ...json };
  for (const name of Object.keys(json)) delete json[name];
  Object.assign(json, by(old));
}

/** Every key of the language. */
export function mappingKeys(): ReadonlySet<string> {
  const keys = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { properties?: object };
    for (const key of Object.keys(properties ?? {})) keys.add(key);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(mappingJsonSchema());
  return keys;
}
