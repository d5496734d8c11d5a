import { schemaText } from '../../adapters/avro/index.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

/** As much of an Avro schema as the page shows. */
type AvroType = string | AvroSchema | readonly AvroType[];
interface AvroSchema {
  readonly type: AvroType;
  readonly name?: string;
  readonly doc?: string;
  readonly symbols?: readonly string[];
  readonly items?: AvroType;
  readonly values?: AvroType;
  readonly fields?: readonly (AvroSchema & { readonly name: string; readonly default?: unknown })[];
}

/** Records of the topics, in the order in which they flow; the checkpoint and snapshot records are Sluice's own. */
const RECORDS = [
  ['sluice.impressions', 'ImpressionList'],
  ['sluice.interactions', 'Interaction'],
  ['sluice.training and sluice.audit', 'TrainingSample'],
  ['sluice.late', 'LateInteraction'],
  ['sluice.dead-letters', 'DeadLetter'],
] as const;

const HEADERS = [
  [ROW_HEADERS.application, '`application` of the config'],
  [ROW_HEADERS.release, 'version of Sluice'],
  [
    ROW_HEADERS.schema,
    'fingerprint (CRC-64-AVRO, hexadecimal, lowest byte first) of the schema file: what `fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")` of fastavro gives. Of a dead letter, that of its headers',
  ],
  [ROW_HEADERS.schemaId, 'id of the schema in the registry, with `wire.outputFormat: confluent`'],
  [
    ROW_HEADERS.contentType,
    '`application/json` or `avro/binary`; absent with `confluent`, whose values have five bytes before the Avro, and on dead letters, whose value is the producer’s',
  ],
] as const;

/** `docs/reference/records.md`: every field of every record that goes in or comes out. */
export function recordsPage(): Page {
  const parts = RECORDS.map(([topic, name]) => {
    const schema = JSON.parse(schemaText(name)) as AvroSchema;
    const inner = [...recordsIn(schema.fields ?? [])].map(
      (record) => `### ${record.name ?? ''}\n\n${record.doc ?? ''}\n\n${fieldTable(record)}`,
    );
    return [`## ${topic}`, `\`${name}\`: ${schema.doc ?? ''}`, fieldTable(schema), ...inner].join('\n\n');
  });
  return {
    file: 'reference/records.md',
    text: `# Records and their fields
${GENERATED}

*For whoever writes to Sluice's input or reads its output.* One table for each topic; the same fields in JSON and Avro ([schemas](../../schemas)). A field marked optional may be left out or null. In JSON a missing feature is null, in Avro NaN.

## Headers

Rows of the training, audit and late topics, and dead letters, say what wrote them:

${markdownTable(
  ['header', 'value'],
  HEADERS.map(([name, meaning]) => [code(name), meaning]),
)}

Training rows also have \`sluice.place\`, their place among all kept samples and the partition count it goes by (\`17/4\`); late rows that correct a label have \`sluice.corrects\` with \`retrain.lateLabels\` ([labels](../how/labels.md#feedback-that-comes-later)). Nobody needs the headers to read a row; they are 110 bytes beside a JSON row of 1,000, and less than one byte where batches are compressed (\`transport.compression: gzip\`, measured on 1,000 rows of the hotel log).

${parts.join('\n\n')}
`,
  };
}

function fieldTable(schema: AvroSchema): string {
  const rows = (schema.fields ?? []).map((field) => [
    code(field.name),
    textOf(field.type) + ('default' in field ? ', optional' : ''),
    field.doc ?? '',
  ]);
  return markdownTable(['field', 'type', 'meaning'], rows);
}

/** Records declared inside `fields`, outermost first. */
function* recordsIn(fields: readonly AvroSchema[]): Generator<AvroSchema> {
  for (const part of fields.flatMap((field) => partsOf(field.type))) {
    if (part.fields === undefined) continue;
    yield part;
    yield* recordsIn(part.fields);
  }
}

/** The types that `type` is made of, itself included. */
function partsOf(type: AvroType): AvroSchema[] {
  if (typeof type === 'string') return [];
  if (isUnion(type)) return type.flatMap(partsOf);
  return [type, ...[type.items, type.values].flatMap((part) => (part === undefined ? [] : partsOf(part)))];
}

function textOf(type: AvroType): string {
  if (typeof type === 'string') return type;
  if (isUnion(type))
    return type
      .filter((part) => part !== 'null')
      .map(textOf)
      .join(' or ');
  if (type.symbols !== undefined) return type.symbols.map(code).join(', ');
  if (type.items !== undefined) return `list of ${textOf(type.items)}`;
  if (type.values !== undefined) return `map of ${textOf(type.values)}`;
  return type.name ?? (typeof type.type === 'string' ? type.type : textOf(type.type));
}

function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type);
}
