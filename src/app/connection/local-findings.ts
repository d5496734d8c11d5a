import { hasStore } from '../../adapters/lmdb/index.js';
import { createSchemaRegistry, registryAccess } from '../../adapters/registry/index.js';
import { freeBytesAt, isReadable, isWritable, loadKey } from '../../adapters/system/index.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { ROW_HEADERS } from '../../events/row-headers.js';
import { INPUTS } from '../../ports/transport.js';
import { controlToken, tokenIn } from '../control/token.js';
import { openCodecs, openTransport, type WireDeps } from '../wire.js';
import { fine, problem, thrownProblem, type Finding } from './finding.js';

type Deps = Pick<WireDeps, 'logger' | 'clock'>;

/** Less than this is gone within a day of modest traffic. */
const LITTLE_ROOM_BYTES = 1_073_741_824;

/** The embedded store: there, or to be made, and the inputs in it. */
export async function* storeFindings(config: Config, deps: Deps): AsyncGenerator<Finding> {
  const { path } = config.transport;
  yield placeFinding('store', 'transport.path', path);
  if (!hasStore(path)) return yield fine('store', `nothing in ${path} yet; the first start makes it`);
  const transport = openTransport(config, deps);
  try {
    const missing = new Set((await transport.missingTopics()).map(({ role }) => role));
    const counts = new Map<string, number>();
    for (const input of INPUTS) if (!missing.has(input)) counts.set(input, await transport.partitionCount(input));
    const told = [...counts].map(([input, count]) => `${input} ${count}`).join(', ');
    if (new Set(counts.values()).size > 1)
      yield problem(
        'topics',
        `the inputs have unequal partition counts: ${told}`,
        'Take another transport.path, or recreate the store with equal counts.',
      );
    else if (counts.size > 0) yield fine('topics', `partitions: ${told}`);
    else yield fine('topics', 'none yet; the first start makes them');
  } catch (thrown) {
    yield thrownProblem('store', path, thrown);
  } finally {
    await transport.close();
  }
}

/** The schema registry, where a wire format needs one; where nothing is registered, the schemas to write with, too. */
export async function* registryFindings(config: Config, { logger, clock }: Deps): AsyncGenerator<Finding> {
  const { wire } = config;
  if (wire.inputFormat !== 'confluent' && wire.outputFormat !== 'confluent') return;
  try {
    const access = registryAccess({ wire, env: process.env, clock, logger });
    const subjects = await createSchemaRegistry({ ...access, clock, logger }).subjects();
    yield fine(
      'registry',
      `${wire.registryUrl} answers: ${subjects.length} ${subjects.length === 1 ? 'subject' : 'subjects'}`,
    );
    if (wire.outputFormat !== 'confluent' || wire.registrySchemas === 'register') return;
    const { training, audit, late } = openCodecs(config, { logger, clock });
    for (const [role, codec] of Object.entries({ training, audit, late })) {
      await codec.ready?.();
      yield fine('registry', `the ${role} topic is written with schema id ${codec.headers?.()[ROW_HEADERS.schemaId]}`);
    }
  } catch (thrown) {
    yield thrownProblem('registry', wire.registryUrl, thrown);
  }
}

/** The pseudonym key: not made here. */
export async function* keyFinding({ privacy, transport }: Config, { logger }: Deps): AsyncGenerator<Finding> {
  const place = process.env[privacy.keyEnv] ? `in ${privacy.keyEnv}` : `in ${privacy.keyFile}`;
  try {
    await loadKey({ ...privacy, mayMake: false, env: process.env, logger });
    yield fine('key', `the pseudonym key is ${place}`);
  } catch (thrown) {
    const isMade = thrown instanceof SluiceError && thrown.code === 'key-missing' && transport.kind === 'embedded';
    if (!isMade) yield thrownProblem('key', place, thrown);
    else if (isWritable(privacy.keyFile)) yield fine('key', `none ${place} yet; the first start makes it`);
    else
      yield problem('key', `none ${place}, and none can be made there`, 'Set privacy.keyFile to a path to write to.');
  }
}

/** Files that a start reads, and folders that it writes to. */
export function* fileFindings(config: Config): Generator<Finding> {
  const { encoder, wire, http, serving, transport } = config;
  const isOnnx = encoder.enabled && encoder.kind !== 'http';
  const read: [string, string | undefined][] = [
    ['encoder.model', ofFile(isOnnx, encoder.model)],
    ['encoder.tokenizer', ofFile(isOnnx, encoder.tokenizer)],
    ['wire.mapping', wire.mapping],
    ...Object.entries(wire.avroSchemas).map(([role, path]): [string, string] => [`wire.avroSchemas.${role}`, path]),
    ['transport.certificates.caFile', transport.certificates?.caFile],
    ['transport.certificates.certFile', transport.certificates?.certFile],
    ['transport.certificates.keyFile', transport.certificates?.keyFile],
  ];
  for (const [option, path] of read) {
    if (path === undefined) continue;
    if (isReadable(path)) yield fine('files', `${option}: ${path} can be read`);
    else
      yield problem(
        'files',
        `${option}: ${path} cannot be read`,
        'Correct the path, or let the user of this process read it.',
      );
  }
  if (encoder.enabled && encoder.cachePath !== '') yield placeFinding('files', 'encoder.cachePath', encoder.cachePath);
  if (http.control) yield tokenFinding('http.control', () => controlToken(http));
  if (http.events)
    yield tokenFinding('http.events', () => tokenIn('http.events', http.eventsTokenEnv, http.eventsTokenFile));
  if (serving.enabled) yield tokenFinding('serving', () => tokenIn('serving', serving.tokenEnv, serving.tokenFile));
}

function ofFile(isUsed: boolean, value: string): string | undefined {
  return isUsed && !value.startsWith('builtin') ? value : undefined;
}

function tokenFinding(option: string, read: () => string): Finding {
  try {
    read();
    return fine('files', `${option}: its token is there`);
  } catch (thrown) {
    return thrownProblem('files', option, thrown);
  }
}

/** A folder to write to, and the room there. */
function placeFinding(about: 'store' | 'files', option: string, path: string): Finding {
  if (!isWritable(path))
    return problem(
      about,
      `${option}: ${path} cannot be written`,
      `Let the user of this process write there, or set ${option} to another path.`,
    );
  const bytes = freeBytesAt(path);
  const room = bytes === null ? '' : `, ${(bytes / 1e9).toFixed(1)} GB free`;
  if (bytes !== null && bytes < LITTLE_ROOM_BYTES)
    return problem(about, `${option}: ${path}${room}`, `Make room, or set ${option} to a larger disk.`);
  return fine(about, `${option}: ${path} can be written${room}`);
}
