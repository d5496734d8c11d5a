/** The section on formats, apart from the rest only to keep files short. */
import { z } from 'zod';
import { certificates, oauth } from './security-schema.js';
import { bytes, environmentVariable } from './units.js';

const WIRE_FORMATS = ['json', 'avro', 'confluent'] as const;
export type WireFormat = (typeof WIRE_FORMATS)[number];

const REGISTRY_SCHEMAS = ['register', 'look-up', 'latest'] as const;
export type RegistrySchemas = (typeof REGISTRY_SCHEMAS)[number];

const SUBJECT_NAMES = ['topic', 'record', 'topic-record'] as const;
export type SubjectNames = (typeof SUBJECT_NAMES)[number];

/** How records stand on the topics, and the schema registry. */
export const wire = z.strictObject({
  inputFormat: z
    .enum(WIRE_FORMATS)
    .default('json')
    .describe(
      'Format of both input topics: `json`, `avro` (without a registry) or `confluent` (Avro, Protobuf or JSON with a schema registry).',
    ),
  outputFormat: z
    .enum(WIRE_FORMATS)
    .default('json')
    .describe('Format of the training, audit and late topics, likewise.'),
  registryUrl: z
    .string()
    .refine((url) => !/\/\/[^/]*@/.test(url), {
      message: 'expected an address without user and password: they belong in the variable of wire.registryAuthEnv',
    })
    .default('http://127.0.0.1:8081')
    .describe('Confluent-compatible schema registry, for the `confluent` format.'),
  registryAuthEnv: environmentVariable
    .default('SLUICE_REGISTRY_AUTH')
    .describe(
      'Environment variable with `user:password` of the registry; it never stands in the file. Unset: no authentication.',
    ),
  registryTokenEnv: environmentVariable
    .optional()
    .describe('Environment variable with a bearer token for the registry, in place of user and password.'),
  registryOauth: oauth.optional().describe('Where bearer tokens for the registry come from.'),
  registryCertificates: certificates
    .optional()
    .describe('Certificates for a registry with https; by default the authorities of the system.'),
  registrySchemas: z
    .enum(REGISTRY_SCHEMAS)
    .default('register')
    .describe(
      'Which schemas Sluice writes with in the `confluent` format: `register` its own, put there when missing; `look-up` its own, which somebody else registered, with the right to read alone; `latest` the newest of each subject, likewise, if it reads what Sluice writes.',
    ),
  subjectNames: z
    .enum(SUBJECT_NAMES)
    .default('topic')
    .describe(
      'Subjects of the schemas that Sluice writes with: `topic` (`TOPIC-value`), `record` (the full name of the record) or `topic-record` (`TOPIC-RECORD`). What it reads goes by schema id, whatever the subject.',
    ),
  avroSchemas: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Schema files (.avsc) of the input topics as their producers write them, for the `avro` format, e.g. `impressions: shown.avsc`; default: schemas/.',
    ),
  mapping: z
    .string()
    .optional()
    .describe('Field-mapping file (docs/how/mapping.md) to read existing topics without re-encoding them.'),
});

export const decode = z.strictObject({
  maxMessageBytes: bytes.default(4_194_304).describe('Largest message in bytes; a larger one becomes a dead letter.'),
});
