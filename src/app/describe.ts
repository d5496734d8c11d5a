import { createHash } from 'node:crypto';
import { encoderIdOf } from '../adapters/onnx/encoder/encoder-id.js';
import { verifiedFiles } from '../adapters/onnx/encoder/files.js';
import type { Config } from '../config/schema.js';
import { featureSetOf, type FeatureSet } from '../pipeline/features/feature-set.js';

/** Encoder id where nothing is embedded. */
const NO_ENCODER = 'none';

/** The feature set that a config gives. @throws encoder-file-invalid when the encoder's files are not what they should be */
export async function describeFeatures(config: Config): Promise<FeatureSet> {
  const encoderId = config.encoder.enabled
    ? encoderIdOf(await verifiedFiles(config.encoder), config.encoder)
    : NO_ENCODER;
  return featureSetOf(config, encoderId, (text) => createHash('sha256').update(text).digest('hex'));
}
