import { createHash } from 'node:crypto';
import { encoderIdOf } from '../adapters/onnx/encoder/encoder-id.js';
import { serverEncoderId } from '../adapters/onnx/encoder/server/server-encoder.js';
import { verifiedFiles } from '../adapters/onnx/encoder/files.js';
import { listedCards } from '../adapters/onnx/encoder/webgpu/device-facts.js';
import type { Config } from '../config/schema.js';
import { featureSetOf, type FeatureSet } from '../pipeline/features/feature-set.js';

/** Encoder id where nothing is embedded. */
const NO_ENCODER = 'none';

/** The feature set that a config gives. @throws encoder-file-invalid when the encoder's files are not what they should be */
export async function describeFeatures(config: Config): Promise<FeatureSet> {
  const encoderId = (await describeEncoder(config))?.encoderId ?? NO_ENCODER;
  return featureSetOf(config, encoderId, (text) => createHash('sha256').update(text).digest('hex'));
}

/** What embeds texts, and on what. */
export interface EncoderFacts {
  readonly encoderId: string;
  readonly device: Config['encoder']['device'];
  /** Graphics cards that the system lists, for a device that is one. */
  readonly cards: readonly string[];
}

/**
 * The encoder that a config gives; undefined when it is off. Opens nothing.
 * @throws encoder-file-invalid when its files are not what they should be
 */
export async function describeEncoder({ encoder }: Config): Promise<EncoderFacts | undefined> {
  if (!encoder.enabled) return undefined;
  if (encoder.kind === 'http') return { encoderId: serverEncoderId(encoder), device: encoder.device, cards: [] };
  const encoderId = encoderIdOf(await verifiedFiles(encoder), encoder);
  return { encoderId, device: encoder.device, cards: encoder.device === 'cpu' ? [] : listedCards() };
}
