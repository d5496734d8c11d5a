import type { RegistrySchemas } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { RegistrySchema, SchemaRegistry } from '../registry/index.js';
import { fingerprintOf, whyNotWritable } from './fingerprint.js';

/** The schema that records are written with, and its id in the registry. */
export interface WriterSchema {
  readonly id: number;
  /** Those it refers to first. */
  readonly texts: readonly string[];
}

/** Versions of a subject that are looked through for ours, newest first. */
const MOST_VERSIONS = 100;

/**
 * Finds, or makes, the schema of a subject that our records are written with.
 *
 * `register`: ours, put there unless it is the newest already. `look-up`: ours, wherever among the versions it stands;
 * documentation and defaults may differ. `latest`: the newest, whatever it is, if it reads our records.
 * Rejects with `schema-not-registered`, `schema-incompatible`, or what the registry throws.
 * @param ours text of our schema
 */
export async function writerSchema(
  registry: Omit<SchemaRegistry, 'subjects'>,
  mode: RegistrySchemas,
  subject: string,
  ours: string,
): Promise<WriterSchema> {
  switch (mode) {
    case 'register': {
      const newest = await registry.version(subject, 'latest');
      if (newest && isSameText(newest, ours)) return { id: newest.id, texts: [ours] };
      return { id: await registry.register(subject, ours), texts: [ours] };
    }
    case 'look-up':
      return { id: await idAmongVersions(registry, subject, ours), texts: [ours] };
    case 'latest': {
      const newest = await registry.version(subject, 'latest');
      const { url } = registry;
      if (newest === null) throw new SluiceError('schema-not-registered', { subject, url, why: 'no such subject' });
      const { id, version, texts, schemaType } = newest;
      const why =
        schemaType === 'AVRO' ? whyNotWritable(ours, texts) : `it is of type ${schemaType}, and Sluice writes AVRO`;
      if (why === undefined) return { id, texts };
      throw new SluiceError('schema-not-writable', { subject, url, version, schemaId: id, why });
    }
  }
}

async function idAmongVersions(
  registry: Pick<SchemaRegistry, 'versions' | 'version' | 'url'>,
  subject: string,
  ours: string,
): Promise<number> {
  const versions = await registry.versions(subject);
  const fingerprint = fingerprintOf(ours);
  const looked = versions.slice(-MOST_VERSIONS).reverse();
  for (const version of looked) {
    const found = await registry.version(subject, version);
    if (found && found.schemaType === 'AVRO' && fingerprintOrNone(found.texts) === fingerprint) return found.id;
  }
  const why =
    versions.length === 0
      ? 'no such subject'
      : `versions ${looked.join(', ')} are other schemas, ours is ${fingerprint}`;
  throw new SluiceError('schema-not-registered', { subject, url: registry.url, why });
}

function fingerprintOrNone(texts: readonly string[]): string | undefined {
  try {
    return fingerprintOf(...texts);
  } catch {
    return undefined;
  }
}

/** The same JSON, blanks apart: a changed default or text is worth another version. */
function isSameText({ schemaType, texts }: RegistrySchema, ours: string): boolean {
  if (schemaType !== 'AVRO' || texts.length !== 1) return false;
  try {
    return JSON.stringify(JSON.parse(texts[0]!)) === JSON.stringify(JSON.parse(ours));
  } catch {
    return false;
  }
}
