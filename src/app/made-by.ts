import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ONNXRUNTIME_VERSION } from '../adapters/onnx/model.js';
import { readText } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import { keyringOf, type Keyring, type Provenance } from '../snapshot/index.js';

/** What manifests say of the build and the configuration that make a snapshot. */
export function madeBy({ label, join, features, selection, retrain }: Config): Omit<Provenance, 'seed'> {
  const decisive = JSON.stringify({ label, join, features, selection, retrain });
  return {
    configSha256: createHash('sha256').update(decisive).digest('hex'),
    versions: { sluice: release(), node: process.versions.node, onnxruntime: ONNXRUNTIME_VERSION },
  };
}

/** The version of this build. */
export function release(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** The keys of the config that sign snapshots and that are trusted; undefined where none is configured. */
export function openKeyring({ retrain }: Pick<Config, 'retrain'>): Keyring | undefined {
  const { signingKeyFile, trustedKeyFiles } = retrain;
  const textOf = (path: string) => ({ path, pem: readText(path) });
  return keyringOf(signingKeyFile === '' ? undefined : textOf(signingKeyFile), trustedKeyFiles.map(textOf));
}
