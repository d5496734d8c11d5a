/**
 * The option table, derived from the schema: one row a leaf with its path, type, default, limits, environment name and
 * text. Flags, environment, docs page and JSON Schema all come from it, so they cannot disagree.
 */
import { z } from 'zod';
import { configSchema } from './schema.js';
import { ENVIRONMENT_VARIABLE, OWN_PART } from './units.js';

/** How text (a flag, an environment variable) becomes a value. */
export type OptionKind =
  'number' | 'boolean' | 'text' | 'numbers' | 'texts' | 'objects' | 'map-of-text' | 'map-of-number';

export interface Option {
  /** Dotted path in the config file: `selection.budget`. */
  readonly path: string;
  readonly kind: OptionKind;
  /** Allowed words, where the option is one of a few. */
  readonly choices: readonly string[] | null;
  /** undefined: no default, the option is absent unless given. */
  readonly default: unknown;
  /** What values are valid, in words: `integer, at least 1`. */
  readonly expectation: string;
  readonly describe: string;
  /** `SLUICE_` + path in upper snake case. */
  readonly environmentName: string;
}

/** The parts of JSON Schema that a config schema can produce. */
interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxItems?: number;
}

/** JSON Schema (draft 2020-12) of a config file. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

let listed: readonly Option[] | undefined;

/** Every option, in the order of the schema. */
export function listOptions(): readonly Option[] {
  // Asked for several times by every verb, and 50 ms the first time.
  return (listed ??= leaves(configJsonSchema() as SchemaNode, [], configSchema.parse({})));
}

function leaves(node: SchemaNode, path: readonly string[], defaults: unknown): Option[] {
  if (node.properties === undefined) return [optionOf(node, path, defaults)];
  return Object.entries(node.properties).flatMap(([name, child]) => {
    const inherited =
      typeof defaults === 'object' && defaults !== null ? (defaults as Record<string, unknown>)[name] : undefined;
    return leaves(child, [...path, name], inherited ?? child.default);
  });
}

function optionOf(node: SchemaNode, path: readonly string[], value: unknown): Option {
  return {
    path: path.join('.'),
    kind: kindOf(node),
    choices: node.enum ?? node.anyOf?.find((one) => one.enum)?.enum ?? null,
    default: value,
    expectation: expectationOf(node),
    describe: node.description ?? '',
    environmentName: environmentName(path),
  };
}

function kindOf(node: SchemaNode): OptionKind {
  if (node.anyOf) return node.anyOf.some((one) => one.type === 'array') ? 'texts' : kindOf(node.anyOf[0]!);
  switch (node.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return isNumeric(node.items) ? 'numbers' : isObject(node.items) ? 'objects' : 'texts';
    case 'object':
      return isNumeric(node.additionalProperties) ? 'map-of-number' : 'map-of-text';
    default:
      return 'text';
  }
}

/** True for a map of named fields, and for one of several kinds of them. */
function isObject(node: SchemaNode | undefined): boolean {
  const kinds = node?.oneOf ?? node?.anyOf;
  return node?.type === 'object' || (kinds !== undefined && kinds.every(isObject));
}

function isNumeric(node: boolean | SchemaNode | undefined): boolean {
  return typeof node === 'object' && (node.type === 'number' || node.type === 'integer');
}

/** Patterns that have a name among people. */
const PATTERNS: Readonly<Record<string, string>> = {
  [ENVIRONMENT_VARIABLE.source]: 'name of a variable',
  [OWN_PART]: '`own:NAME` of a plugin',
  '^([0-9a-f]{8})?$': '8 hex characters',
  '^[a-zA-Z0-9._-]{1,200}$': '1 to 200 letters, digits, dots, dashes and underscores',
  '^[A-Za-z][A-Za-z0-9_]{0,63}$': 'a letter and up to 63 letters, digits and underscores',
};

/** Valid values in words, the same ones in problems and docs. */
function expectationOf(node: SchemaNode): string {
  if (node.anyOf && kindOf(node) === 'text') return node.anyOf.map(expectationOf).join(', or ');
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  switch (kindOf(node)) {
    case 'number':
      return `${node.type === 'integer' ? 'integer' : 'number'}${limits(node)}`;
    case 'boolean':
      return 'true or false';
    case 'numbers':
      return `list of numbers${limits(node.items ?? {})}`;
    case 'texts':
      return `list of texts${node.maxItems === undefined ? '' : `, at most ${node.maxItems}`}`;
    case 'objects':
      return `list of {${fieldsOf(node.items).join(', ')}}`;
    case 'map-of-text':
      return 'map of texts';
    case 'map-of-number':
      return `map of numbers${typeof node.additionalProperties === 'object' ? limits(node.additionalProperties) : ''}`;
    case 'text':
      return node.pattern === undefined ? 'text' : (PATTERNS[node.pattern] ?? `text like ${node.pattern}`);
  }
}

/** Names of the fields of a map, those that each kind has first. */
function fieldsOf(node: SchemaNode | undefined): readonly string[] {
  const kinds = node?.oneOf ?? node?.anyOf;
  if (!kinds) return Object.keys(node?.properties ?? {});
  const [first = [], ...others] = kinds.map(fieldsOf);
  return [...first.filter((name) => others.every((names) => names.includes(name))), '…'];
}

function limits(node: SchemaNode): string {
  const parts: string[] = [];
  if (node.exclusiveMinimum !== undefined) parts.push(`over ${node.exclusiveMinimum}`);
  if (node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER) parts.push(`at least ${node.minimum}`);
  if (node.exclusiveMaximum !== undefined) parts.push(`below ${node.exclusiveMaximum}`);
  if (node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER) parts.push(`at most ${node.maximum}`);
  return parts.map((part) => `, ${part}`).join('');
}

/** `join.attributionWindowMs` → `SLUICE_JOIN_ATTRIBUTION_WINDOW_MS`. */
export function environmentName(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return `SLUICE_${words.join('_')}`;
}
