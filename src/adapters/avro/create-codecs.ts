import type { Config, SubjectNames, WireFormat } from '../../config/schema.js';
import { topicName } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { ImpressionList, Interaction, LateInteraction, TrainingSample } from '../../events/words.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import type { Clock } from '../../ports/clock.js';
import type { Codec } from '../../ports/codec.js';
import type { Logger } from '../../ports/logger.js';
import type { Headers, InputName, TopicRole } from '../../ports/transport.js';
import { registryAccess, createSchemaRegistry } from '../registry/index.js';
import { avroCodec, type AvroShapeRules } from './avro-codec.js';
import { confluentCodec, type ConfluentOptions } from './confluent-codec.js';
import { ConfluentSchemas } from './confluent-schemas.js';
import { fingerprintOf } from './fingerprint.js';
import { jsonImpressions, jsonInteractions, jsonLate, jsonSamples } from './json-codecs.js';
import { keepUnknownFields } from './keep-unknown.js';
import { IMPRESSION_LIST_FIELDS, INTERACTION_FIELD_NAMES } from './known-fields.js';
import { readSchemaFile, schemaText, type SchemaName } from './schema-files.js';
import { WireFault } from './wire-fault.js';

const SAMPLE_RULES: AvroShapeRules = { float32Fields: new Set(['features']) };

const JSON_TYPE: Headers = { [ROW_HEADERS.contentType]: 'application/json' };
const AVRO_TYPE: Headers = { [ROW_HEADERS.contentType]: 'avro/binary' };

export interface CodecOptions {
  readonly wire: Config['wire'];
  readonly topics: Config['topics'];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One codec a topic, in the formats of the config. */
export interface Codecs {
  readonly impressions: Codec<ImpressionList>;
  readonly interactions: Codec<Interaction>;
  readonly training: Codec<TrainingSample>;
  readonly audit: Codec<TrainingSample>;
  readonly late: Codec<LateInteraction>;
}

/**
 * Makes the codecs of a config. With `wire.mapping` set, input records come as the producer wrote them, for the mapping to
 * read. Throws `file-unreadable` or `config-invalid` for a schema file of `wire.avroSchemas` that is missing or no schema.
 */
export function createCodecs(options: CodecOptions): Codecs {
  const { wire } = options;
  return { ...inputCodecs(wire.inputFormat, options), ...outputCodecs(wire.outputFormat, options) };
}

function inputCodecs(format: WireFormat, options: CodecOptions): Pick<Codecs, 'impressions' | 'interactions'> {
  const { wire } = options;
  const verbatim = wire.mapping !== undefined;
  const lists = verbatim ? {} : { knownFields: IMPRESSION_LIST_FIELDS };
  const interactions = verbatim ? {} : { knownFields: INTERACTION_FIELD_NAMES };
  switch (format) {
    case 'json':
      return { impressions: jsonImpressions(verbatim), interactions: jsonInteractions(verbatim) };
    case 'avro':
      return {
        impressions: avroInput(wire, 'impressions', 'ImpressionList', lists),
        interactions: avroInput(wire, 'interactions', 'Interaction', interactions),
      };
    case 'confluent': {
      const confluent = confluentCodecs(options);
      const [readList, readInteraction] = [jsonImpressions(verbatim).decode, jsonInteractions(verbatim).decode];
      return {
        impressions: confluent('impressions', 'ImpressionList', lists, {
          readJson: readList,
          fromProtobuf: (record) => (verbatim ? undefined : keepUnknownFields(record, IMPRESSION_LIST_FIELDS)),
        }),
        interactions: confluent('interactions', 'Interaction', interactions, {
          readJson: readInteraction,
          fromProtobuf: (record) => (verbatim ? undefined : keepUnknownFields(record, INTERACTION_FIELD_NAMES)),
        }),
      };
    }
  }
}

function outputCodecs(format: WireFormat, options: CodecOptions): Pick<Codecs, 'training' | 'audit' | 'late'> {
  switch (format) {
    case 'json':
      return {
        training: labelled(jsonSamples(), 'TrainingSample', JSON_TYPE),
        audit: labelled(jsonSamples(), 'TrainingSample', JSON_TYPE),
        late: labelled(jsonLate(), 'LateInteraction', JSON_TYPE),
      };
    case 'avro': {
      const samples = avroCodec<TrainingSample>(schemaText('TrainingSample'), SAMPLE_RULES);
      return {
        training: labelled(samples, 'TrainingSample', AVRO_TYPE),
        audit: labelled(samples, 'TrainingSample', AVRO_TYPE),
        late: labelled(avroCodec(schemaText('LateInteraction')), 'LateInteraction', AVRO_TYPE),
      };
    }
    case 'confluent': {
      const confluent = confluentCodecs(options);
      return {
        training: confluent('training', 'TrainingSample', SAMPLE_RULES),
        audit: confluent('audit', 'TrainingSample', SAMPLE_RULES),
        late: confluent('late', 'LateInteraction', {}),
      };
    }
  }
}

/** Headers of dead letters, whose fields are headers and whose value is somebody else's. */
export function deadLetterHeaders(): Headers {
  return { [ROW_HEADERS.schema]: fingerprintOf(schemaText('DeadLetter')) };
}

/** A codec that also tells which schema its values have, and what type of content they are. */
function labelled<T>(codec: Codec<T>, schema: SchemaName, contentType: Headers): Codec<T> {
  const headers = { [ROW_HEADERS.schema]: fingerprintOf(schemaText(schema)), ...contentType };
  return { ...codec, headers: () => headers };
}

function avroInput<T>(wire: Config['wire'], input: InputName, ours: SchemaName, rules: AvroShapeRules): Codec<T> {
  const path = wire.avroSchemas[input];
  if (path === undefined) return avroCodec(schemaText(ours), rules);
  try {
    return avroCodec(schemaText(ours), rules, readSchemaFile(path));
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    throw new SluiceError('config-invalid', { problems: `wire.avroSchemas.${input} = ${path}: ${error.why}` });
  }
}

/** Makes codecs that share one client of the registry. */
function confluentCodecs({ wire, topics, clock, logger }: CodecOptions) {
  const access = registryAccess({ wire, env: process.env, clock, logger });
  const schemas = new ConfluentSchemas(createSchemaRegistry({ ...access, clock, logger }), clock);
  return <T>(
    role: TopicRole,
    name: SchemaName,
    rules: AvroShapeRules,
    reads: Omit<ConfluentOptions, 'mode'> = {},
  ): Codec<T> => {
    const text = schemaText(name);
    const subject = subjectOf(wire.subjectNames, topicName(topics, role), text);
    return confluentCodec<T>(schemas, subject, text, rules, {
      mode: wire.registrySchemas,
      ...reads,
    });
  };
}

/** Confluent's names of subjects: TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy, of values. */
function subjectOf(names: SubjectNames, topic: string, schema: string): string {
  const { namespace, name } = JSON.parse(schema) as { readonly namespace: string; readonly name: string };
  switch (names) {
    case 'topic':
      return `${topic}-value`;
    case 'record':
      return `${namespace}.${name}`;
    case 'topic-record':
      return `${topic}-${namespace}.${name}`;
  }
}
