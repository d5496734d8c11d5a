import { schemaText } from '../../adapters/avro/index.js';
import type { History } from '../../events/words.js';
import type { Cell, ColumnType, TableColumn } from '../../ports/table-file.js';
import type { FeatureNames } from './feature-names.js';
import type { Fields, RecordTopic } from './records.js';

/** A column of a dump, and how its cell is had from a record, parsed from JSON or decoded. */
export interface DumpColumn extends TableColumn {
  readonly read: (fields: Fields) => Cell;
}

const FEATURE = 'feature.';
const CARRIED = 'carried.';
const EMBEDDING = 'embedding.';
const HISTORY = 'history.';

/** Fields of a sample that spread into columns of their own. */
const SPREAD = new Set(['features', 'embeddings', 'carried', 'history']);

const SCHEMAS = {
  training: 'TrainingSample',
  audit: 'TrainingSample',
  late: 'LateInteraction',
  'dead-letters': 'DeadLetter',
} as const;

interface SchemaField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}

/** A place in the order of columns: a column, or the place of a field that spreads. */
export type ColumnOrSpread = DumpColumn | { readonly spread: string };

/** The columns of a topic by its Avro schema, in its order. */
export function schemaColumns(topic: RecordTopic): readonly ColumnOrSpread[] {
  const { fields } = JSON.parse(schemaText(SCHEMAS[topic])) as { readonly fields: readonly SchemaField[] };
  const isSample = topic === 'training' || topic === 'audit';
  const columns = fields.map((field) =>
    isSample && SPREAD.has(field.name) ? { spread: field.name } : columnOf(field),
  );
  if (topic !== 'dead-letters') return columns;
  // A dead letter's id says where it stands; a payload that is no text is base64.
  const text = (name: string): DumpColumn => columnOf({ name, type: ['null', 'string'], default: null });
  return [columnOf({ name: 'id', type: 'string' }), ...columns, text('payloadBase64')].map((column) =>
    'name' in column && column.name === 'payload' ? text('payload') : column,
  );
}

function columnOf({ name, type, default: absent = null }: SchemaField): DumpColumn {
  const isNullable = Array.isArray(type) && type.includes('null');
  const bare: unknown = isNullable ? (type as readonly unknown[]).find((one) => one !== 'null') : type;
  const columnType = typeOf(bare);
  const isText = columnType === 'text';
  return {
    name,
    type: columnType,
    isNullable,
    read: (fields) => {
      const value = (fields[name] ?? absent) as Cell;
      return isText && typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
    },
  };
}

/** The type of a column that holds values of an Avro type; what has none (records) is text, as JSON. */
function typeOf(avro: unknown): ColumnType {
  switch (avro) {
    case 'int':
      return 'int32';
    case 'long':
      return 'int64';
    case 'float':
      return 'float32';
    case 'double':
      return 'float64';
    case 'boolean':
      return 'boolean';
  }
  const { type, items } = avro as { readonly type?: unknown; readonly items?: unknown };
  return type === 'array' && items === 'string' ? 'texts' : type === 'array' && items === 'float' ? 'float32s' : 'text';
}

/** The column of one number of `features`, by name; null where a row's feature set lacks it, or its value is missing. */
export function featureColumn(names: FeatureNames, name: string): DumpColumn {
  /** Feature set of the last row, and the column's place in it. */
  let lastId: unknown;
  let place: number | undefined;
  return {
    name: FEATURE + name,
    type: 'float32',
    isNullable: true,
    read: (fields) => {
      const id = fields['featureSetId'];
      if (id !== lastId) {
        lastId = id;
        place = names.places(id as string).get(name);
      }
      const value = place === undefined ? null : (fields['features'] as ArrayLike<number | null>)[place];
      return value === undefined || value === null || Number.isNaN(value) ? null : value;
    },
  };
}

/** The column of a carried field. In a column of text, other values are their JSON. */
export function carriedColumn(path: string, type: ColumnType): DumpColumn {
  const read = (fields: Fields): Cell =>
    (fields['carried'] as Readonly<Record<string, Cell>> | null | undefined)?.[path] ?? null;
  return {
    name: CARRIED + path,
    type,
    isNullable: true,
    read: type === 'text' ? (fields) => asText(read(fields)) : read,
  };
}

function asText(value: Cell): Cell {
  if (value === null || typeof value === 'string') return value;
  return JSON.stringify(typeof value === 'object' ? Array.from(value as ArrayLike<unknown>) : value);
}

/** Histories that a sample may have, in the order of the schema, and the lists of each. */
const HISTORY_LISTS = {
  sessionActed: { itemIds: 'texts', types: 'texts', gapsMs: 'int64s' },
  sessionShown: { itemIds: 'texts', gapsMs: 'int64s' },
  userActed: { itemIds: 'texts', types: 'texts', gapsMs: 'int64s' },
  userShown: { itemIds: 'texts', gapsMs: 'int64s' },
} as const satisfies Readonly<Record<keyof History, Readonly<Record<string, ColumnType>>>>;

export const HISTORIES = Object.keys(HISTORY_LISTS) as readonly (keyof History)[];

/** The columns of a history: a list each. */
export function historyColumns(of: keyof History): readonly DumpColumn[] {
  return Object.entries<ColumnType>(HISTORY_LISTS[of]).map(([list, type]) => ({
    name: `${HISTORY}${of}.${list}`,
    type,
    isNullable: true,
    read: (fields) => {
      const histories = fields['history'] as Readonly<Record<string, Readonly<Record<string, Cell>> | null>> | null;
      return histories?.[of]?.[list] ?? null;
    },
  }));
}

/** The column of a text vector. */
export function embeddingColumn(name: string): DumpColumn {
  return {
    name: EMBEDDING + name,
    type: 'float32s',
    isNullable: true,
    read: (fields) => {
      const vectors = fields['embeddings'] as
        readonly { readonly name: string; readonly values: ArrayLike<number> }[] | null;
      return vectors?.find((vector) => vector.name === name)?.values ?? null;
    },
  };
}
