/** The only place where adapters meet the pipeline. */
import { createCodecs, deadLetterHeaders, type Codecs } from '../adapters/avro/index.js';
import { createPseudonymiser } from '../adapters/hmac/index.js';
import { kafkaTransport } from '../adapters/kafka/index.js';
import { lmdbTransport } from '../adapters/lmdb/index.js';
import { loadKey, readText } from '../adapters/system/index.js';
import { createHash32 } from '../adapters/xxhash/index.js';
import { declaredPaths } from '../config/declared-schema.js';
import type { Config } from '../config/schema.js';
import { allTopics, bySessionTopic, isOneTopic, streamTopics, topicName, topicNames } from '../config/topics.js';
import { admissionConfigOf } from '../config/changes.js';
import { compileTopicMapping, parseMapping } from '../import/index.js';
import type { Clock } from '../ports/clock.js';
import type { Hash32 } from '../ports/hash.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Pseudonymiser } from '../ports/pseudonymiser.js';
import { INPUTS, type Transport } from '../ports/transport.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { FollowSettings } from '../pipeline/follow.js';
import { collided, diverted, tooLate, type Gate } from '../pipeline/admit.js';
import { CarriedReader } from '../pipeline/clean/carried.js';
import { DeclaredReader } from '../pipeline/clean/declared.js';
import { attributesOf, ownFields, type OwnFields } from '../pipeline/clean/own-fields.js';
import type { OwnRules } from '../pipeline/clean/own-rules.js';
import { rememberedTexts, type CleanTexts } from '../pipeline/clean/clean-texts.js';
import type { TablePlaces } from '../pipeline/clean/table-places.js';
import type { VectorSource } from '../pipeline/partition.js';
import type { Routes } from '../pipeline/route/route.js';
import { tableKeysReader, UsedFields } from '../pipeline/tables/table-fields.js';
import { divertsAny } from '../pipeline/quality/rules.js';
import { turnstileOf } from '../pipeline/quality/turnstile.js';
import { named, STAGES_VERSION, type AdmissionSettings, type NamedSettings } from '../pipeline/settings/admission.js';
import { foldOf } from '../events/fold.js';
import { ROW_HEADERS } from '../events/row-headers.js';
import { createKeyOf, type KeyOf } from '../pipeline/state/keys.js';
import { checkChoice, loadOwnCode, ownRules, ownValues, type OwnCode } from '../own/index.js';
import { describeFeatures } from './describe.js';
import { release } from './made-by.js';
import { type FirstText, LazyVectors, SharedEncoder } from './shared-encoder.js';
import { OpenTables } from './tables/open-tables.js';
import { TOPIC_OF } from './repartition/moved-record.js';
import { stepGate } from './repartition/step-gate.js';
import { RepartitionedTransport } from './repartition/repartitioned-transport.js';

export interface WireDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics?: Metrics;
}

/** Opens the transport of the config; nothing is connected before it is used. */
export function openTransport(config: Config, { logger, clock, metrics }: WireDeps): Transport {
  const behind = transportOver(config.application, allTopics(config), config, {
    logger,
    clock,
    ...(metrics ? { metrics } : {}),
  });
  if (config.transport.repartition === 'none') {
    for (const topic of INPUTS) metrics?.gauge('sluice_repartition_lag_records', 0, { topic });
    return behind;
  }
  return new RepartitionedTransport(openBefore(config, { logger, clock }), behind, {
    config,
    gate: () => stepGate(config, openCodecs(config, { logger, clock })),
    clock,
    logger,
    metrics,
  });
}

/**
 * The transport of the repartition step: an application of its own, whose outputs are the stream's inputs. It commits in
 * transactions whatever the stream does: what a step that was taken over had moved already would come again behind newer
 * messages, which no reader could put right.
 */
function openBefore(config: Config, deps: WireDeps): Transport {
  const { application, topics } = config;
  const transport = { ...config.transport, delivery: 'exactly-once' } as const;
  const names = {
    ...topics.names,
    impressions: [...topicNames(topics, 'impressions')],
    interactions: [...topicNames(topics, 'interactions')],
    [TOPIC_OF.impressions]: bySessionTopic(application, 'impressions'),
    [TOPIC_OF.interactions]: bySessionTopic(application, 'interactions'),
  };
  return transportOver(`${application}-repartition`, { ...topics, names }, { transport }, deps, true);
}

function transportOver(
  application: string,
  topics: Config['topics'],
  { transport }: Pick<Config, 'transport'>,
  { logger, clock, metrics }: WireDeps,
  isBefore = false,
): Transport {
  const options = { application, transport, topics, logger, clock };
  switch (transport.kind) {
    case 'embedded':
      return lmdbTransport({ ...options, keepsPositionsByTopic: isBefore });
    case 'kafka':
      return kafkaTransport({ ...options, outputsKeepTheirSize: isBefore, ...(metrics ? { metrics } : {}) });
  }
}

/** Makes one codec a topic, in the wire formats of the config. */
export function openCodecs(config: Config, { logger, clock }: WireDeps): Codecs {
  return createCodecs({ wire: config.wire, topics: config.topics, clock, logger });
}

/** The parts that every partition of a process shares. */
export interface Parts {
  readonly codecs: Codecs;
  /** How existing topics are read as ours; undefined when they are ours. */
  readonly mapping: Gate['mapping'];
  readonly settings: NamedSettings;
  readonly keyed: Pseudonymiser;
  readonly hash32: Hash32;
  readonly keyOf: KeyOf;
  readonly texts: CleanTexts;
  /** Reads declared features; undefined: none is declared. */
  readonly declared: DeclaredReader | undefined;
  /** What the plugins define. */
  readonly ownCode: OwnCode;
  readonly rules: OwnRules | undefined;
  /** Reads these, and the fields that samples carry; undefined: nothing of both. */
  readonly own: OwnFields | undefined;
  /** The tables, read by way of a transport, the one of the first call; undefined: there are none. */
  readonly tables: (transport: Pick<Transport, 'reader'>) => OpenTables | undefined;
  /** Where the fields of tables stand that paths name. */
  readonly tablePlaces: TablePlaces;
  readonly featureSetId: string;
  readonly columnNames: readonly string[];
  /** A text-vector source for one partition; encoder, cache and disk store are shared. */
  readonly vectors: () => VectorSource | undefined;
  /** Opens the encoder before the first text; what fails is told to that. */
  readonly warm: () => void;
  readonly close: () => Promise<void>;
}

/** Opens the key of the config and makes the pseudonymiser over it. `mayMake`: a missing key file is made. */
export async function openPseudonymiser(
  { privacy, application }: Pick<Config, 'privacy' | 'application'>,
  { logger, mayMake }: Pick<WireDeps, 'logger'> & { readonly mayMake: boolean },
): Promise<Pseudonymiser> {
  const key = await loadKey({ ...privacy, mayMake, env: process.env, logger });
  return createPseudonymiser(key, privacy.scope === 'application' ? { application } : {});
}

/**
 * Opens what the partitions of a process share. The encoder starts with the first text to embed; at a device, at once; not at
 * all where vectors come from elsewhere.
 */
export async function openParts(
  config: Config,
  deps: WireDeps & { readonly metrics: Metrics } & Partial<FirstText> &
    Partial<Pick<Parts, 'vectors'>> & { readonly health?: Pick<HealthBoard, 'impede' | 'relieve'> },
): Promise<Parts> {
  const ownCode = await loadOwnCode(config);
  checkChoice(config, ownCode);
  const hash32 = await createHash32();
  const { featureSetId, columns } = await describeFeatures(config);
  const mayMake = config.transport.kind === 'embedded';
  const keyed = await openPseudonymiser(config, { logger: deps.logger, mayMake });
  const { health } = deps;
  const onWaiting = (why: string | undefined): void =>
    why === undefined ? health?.relieve('encoder') : health?.impede('encoder', why);
  const shared = new SharedEncoder(config.encoder, { ...deps, onWaiting });
  const vectors = deps.vectors ?? (() => (config.encoder.enabled ? new LazyVectors(shared) : undefined));
  // A device that is not there is told at the start; the CPU is, and takes long to load a network nobody may need.
  if (config.encoder.enabled && config.encoder.device !== 'cpu' && config.encoder.kind === 'onnx' && !deps.vectors)
    await shared.vectors([]);
  const settings = admissionSettingsOf(config, keyed.keyId);
  const paths = [...config.features.declared.flatMap(declaredPaths), ...config.output.carry];
  const used = new UsedFields(paths, config.tables);
  const ownOf = ownValues(ownCode, deps.logger);
  const declared =
    config.features.declared.length > 0
      ? new DeclaredReader(config.features.declared, config.clean.timeUnit, ownOf, used.places)
      : undefined;
  const carried = carriedReader(config, used);
  const hasTables = config.tables.length > 0;
  let tables: OpenTables | undefined;
  return {
    codecs: openCodecs(config, deps),
    mapping: mappingOf(settings, config.topics, config.wire.mapping),
    settings: named(settings),
    keyed,
    hash32,
    keyOf: createKeyOf(hash32),
    texts: rememberedTexts(config.encoder.enabled),
    declared,
    ownCode,
    rules: ownRules(config, ownCode, deps.logger),
    own: ownFields(declared, carried, hasTables ? tableKeysReader(config.tables) : undefined),
    tables(transport) {
      if (hasTables) tables ??= new OpenTables(config, transport, { ...deps, used, declared, carried });
      return tables;
    },
    tablePlaces: used.places,
    featureSetId,
    columnNames: columns.map(({ name }) => name),
    vectors,
    warm: () => void shared.vectors([]).catch(() => undefined),
    async close() {
      await tables?.close();
      await shared.close();
    },
  };
}

function carriedReader({ output, privacy, clean }: Config, { places }: UsedFields): CarriedReader | undefined {
  if (output.carry.length === 0) return undefined;
  return new CarriedReader(output.carry, { masks: privacy.maskTexts, maxTextLength: clean.maxTextLength }, places);
}

/** What admission, order, join and conduct go by, as a restart must know it. */
export function admissionSettingsOf(config: Config, keyId: string): AdmissionSettings {
  const { mapping, avroSchemas } = config.wire;
  return {
    stages: STAGES_VERSION,
    keyId,
    config: admissionConfigOf(config),
    mapping: mapping === undefined ? null : readText(mapping),
    schemas: Object.fromEntries(Object.entries(avroSchemas).map(([input, path]) => [input, readText(path)])),
  };
}

/** The mapping of some settings, compiled. @param name stands for it in messages */
export function mappingOf(
  { mapping }: AdmissionSettings,
  topics: Config['topics'],
  name = 'wire.mapping',
): Gate['mapping'] {
  return mapping === null ? undefined : compileTopicMapping(parseMapping(mapping, name), name, isOneTopic(topics));
}

/** What a partition admits messages with. */
export function gateOf(config: Config, parts: Parts, partition: number, partitionCount: number): Gate {
  return {
    partition,
    partitionCount,
    topicNames: {
      impressions: topicName(streamTopics(config), 'impressions'),
      interactions: topicName(streamTopics(config), 'interactions'),
    },
    impressions: parts.codecs.impressions,
    interactions: parts.codecs.interactions,
    ...(parts.mapping ? { mapping: parts.mapping } : {}),
    privacy: { keyed: parts.keyed, requestIds: config.privacy.requestIds },
    clean: config.clean,
    texts: parts.texts,
    ...(parts.own ? { own: parts.own } : {}),
    ...attributesOf(parts.declared),
    ...(parts.rules ? { rules: parts.rules } : {}),
    ...(parts.ownCode.within ? { within: parts.ownCode.within } : {}),
    maxMessageBytes: config.decode.maxMessageBytes,
    keepsInteractions: divertsAny(config.quality.rules),
  };
}

/** What a partition makes records with. */
export function routesOf(config: Config, parts: Parts): Routes {
  const { training, audit, late } = parts.codecs;
  return {
    training,
    audit,
    late,
    application: config.application,
    headers: { [ROW_HEADERS.application]: config.application, [ROW_HEADERS.release]: release() },
    deadLetterHeaders: deadLetterHeaders(),
    featureSetId: parts.featureSetId,
    foldOf: (session) => foldOf(session, parts.hash32),
    pseudonymKeyId: parts.keyed.keyId,
    embeddings: config.output.embeddings,
  };
}

/** What following events depends on beside the state. */
export function followSettingsOf(config: Config, parts: Parts, gate: Gate): FollowSettings {
  return {
    goals: config.label,
    allowedLatenessMs: config.join.allowedLatenessMs,
    keyed: parts.keyed,
    keepVectors: config.output.embeddings,
    tooLate: tooLate(gate),
    collided: collided(gate),
    turnstile: turnstileOf(config.quality.rules, diverted(gate)),
  };
}
