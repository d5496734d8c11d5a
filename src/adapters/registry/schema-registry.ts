import { SluiceError } from '../../errors.js';
import { registryRequest, withoutCredentials, type Answer, type Request, type RequestOptions } from './request.js';

/** A schema as the registry holds it. */
export interface RegistrySchema {
  /** `AVRO`, `JSON` or `PROTOBUF`. */
  readonly schemaType: string;
  /** Schema texts: those it refers to first, each after what it needs, the schema itself last. */
  readonly texts: readonly string[];
}

/** A schema under a subject. */
export interface SubjectSchema extends RegistrySchema {
  readonly id: number;
  readonly version: number;
}

/** What Sluice asks of a Confluent-compatible schema registry; all but `register` is reading. Caching is the caller's. */
export interface SchemaRegistry {
  /** Where it is, without credentials. */
  readonly url: string;
  /** Names of what is registered. Rejects with `schema-registry-unreachable`, `schema-registry-refused`. */
  subjects(): Promise<readonly string[]>;
  /** The schema of an id, with those it refers to; null when there is none. Rejects with `schema-registry-unreachable`. */
  schemaById(id: number): Promise<RegistrySchema | null>;
  /** Versions of a subject, oldest first; empty where there is no such subject. */
  versions(subject: string): Promise<readonly number[]>;
  /** A version of a subject, with the schemas it refers to; null when there is none. */
  version(subject: string, version: number | 'latest'): Promise<SubjectSchema | null>;
  /**
   * Registers a schema under a subject, or finds it there, and returns its id. A subject that is new gets the
   * compatibility BACKWARD; the setting of one that exists is the operator's and stays. Rejects with
   * `schema-incompatible` when the registry refuses it.
   */
  register(subject: string, schema: string): Promise<number>;
}

export type SchemaRegistryOptions = RequestOptions;

/** Schemas that refer to schemas that refer… beyond this count are refused. */
const MAX_REFERENCES = 100;

interface Reference {
  readonly subject: string;
  readonly version: number;
}

interface SchemaBody {
  readonly id?: unknown;
  readonly version?: unknown;
  readonly schema?: unknown;
  readonly schemaType?: unknown;
  readonly references?: readonly Reference[];
}

/** Makes a client of a schema registry. No connection is made before the first question. */
export function createSchemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const request = registryRequest(options);
  const url = withoutCredentials(options.url);
  const whole = async (body: SchemaBody): Promise<RegistrySchema> => {
    const texts: string[] = [];
    await collectReferences(request, url, body.references ?? [], texts, new Set());
    texts.push(String(body.schema));
    return { schemaType: typeof body.schemaType === 'string' ? body.schemaType : 'AVRO', texts };
  };
  return {
    url,
    async subjects() {
      const answer = await request('GET', '/subjects');
      if (answer.status === 200 && Array.isArray(answer.body)) return answer.body.map(String);
      throw new SluiceError('schema-registry-unreachable', { url, why: explanation(answer) });
    },
    async schemaById(id) {
      const answer = await request('GET', `/schemas/ids/${id}`);
      return answer.status === 404 ? null : whole(bodyOf(answer, url));
    },
    async versions(subject) {
      const answer = await request('GET', `/subjects/${encodeURIComponent(subject)}/versions`);
      if (answer.status === 404) return [];
      if (answer.status === 200 && Array.isArray(answer.body)) return answer.body.map(Number).sort((a, b) => a - b);
      throw new SluiceError('schema-registry-unreachable', { url, why: explanation(answer) });
    },
    async version(subject, version) {
      const answer = await request('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}`);
      if (answer.status === 404) return null;
      const body = bodyOf(answer, url);
      return { ...(await whole(body)), id: Number(body.id), version: Number(body.version) };
    },
    async register(subject, schema) {
      const path = encodeURIComponent(subject);
      const isNew = (await request('GET', `/subjects/${path}/versions`)).status === 404;
      const answer = await request('POST', `/subjects/${path}/versions`, { schema, schemaType: 'AVRO' });
      const id = (answer.body as { id?: unknown } | undefined)?.id;
      if (answer.status !== 200 || typeof id !== 'number') {
        throw new SluiceError('schema-incompatible', { url, subject, why: explanation(answer) });
      }
      // After, not before: some registries take the setting of a subject that does not exist and forget it.
      if (isNew) await request('PUT', `/config/${path}`, { compatibility: 'BACKWARD' });
      return id;
    },
  };
}

async function collectReferences(
  request: Request,
  url: string,
  references: readonly Reference[],
  texts: string[],
  seen: Set<string>,
): Promise<void> {
  for (const { subject, version } of references) {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    if (seen.has(path) || seen.size >= MAX_REFERENCES) continue;
    seen.add(path);
    const body = bodyOf(await request('GET', path), url);
    await collectReferences(request, url, body.references ?? [], texts, seen);
    texts.push(String(body.schema));
  }
}

function bodyOf(answer: Answer, url: string): SchemaBody {
  const body = answer.body as SchemaBody | undefined;
  if (answer.status === 200 && typeof body?.schema === 'string') return body;
  throw new SluiceError('schema-registry-unreachable', { url, why: explanation(answer) });
}

function explanation(answer: Answer): string {
  const message = (answer.body as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? `status ${answer.status}, ${message}` : `status ${answer.status}`;
}
