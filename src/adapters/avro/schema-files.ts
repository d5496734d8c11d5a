import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf, SluiceError } from '../../errors.js';

/** Records that have a schema file of their own. */
export const SCHEMA_NAMES = [
  'ImpressionList',
  'Interaction',
  'TrainingSample',
  'LateInteraction',
  'DeadLetter',
  'ModelSnapshot',
  'Checkpoint',
] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** Path of a schema that ships with Sluice; the same from `src/` and from `dist/`. */
export function schemaPath(name: SchemaName): string {
  return fileURLToPath(new URL(`../../../schemas/${name}.avsc`, import.meta.url));
}

/** Text of a schema that ships with Sluice. */
export function schemaText(name: SchemaName): string {
  return readSchemaFile(schemaPath(name));
}

/** Text of a schema file. Throws `file-unreadable`. */
export function readSchemaFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(error) });
  }
}
