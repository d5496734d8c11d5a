import { createHash32 } from '../adapters/xxhash/index.js';
import type { Config } from '../config/schema.js';
import type { History } from '../events/words.js';
import type { CleanList } from '../pipeline/admitted.js';
import { checkpointsFor, loadCheckpoint, loadWhole } from '../pipeline/checkpoint/load.js';
import { wholeName } from '../pipeline/checkpoint/pack.js';
import { wholeShapeOf } from '../pipeline/checkpoint/whole.js';
import type { UserAttribute } from '../pipeline/declared.js';
import { keptColumns } from '../pipeline/features/kept-columns.js';
import { decodeProgress } from '../pipeline/progress/progress.js';
import { readShelf } from '../pipeline/settings/shelf.js';
import type { CapturedColumns } from '../pipeline/state/captured.js';
import { createKeyOf, type Key } from '../pipeline/state/keys.js';
import { emptyStreamState, type StreamState } from '../pipeline/stream-state.js';
import type { Logger } from '../ports/logger.js';
import type { Transport } from '../ports/transport.js';

/** What one partition remembers of a user. */
export interface UserProfile {
  readonly partition: number;
  /** Event time of its newest checkpoint, which this is as of; epoch ms. */
  readonly asOfMs: number;
  /** Columns by name that are of the user alone; null: missing. */
  readonly columns: Readonly<Record<string, number | null>>;
  /** Sum of the vectors of what the user acted on, decayed, by declared vector. */
  readonly tastes: Readonly<Record<string, readonly number[]>>;
  readonly history: Pick<History, 'userActed' | 'userShown'>;
  /** What the user's interactions brought last, by declared feature. */
  readonly attributes: Readonly<Record<string, UserAttribute['value']>>;
}

export interface DescribedUser {
  readonly pseudonym: string;
  /** Partitions that have a checkpoint. */
  readonly checkpoints: number;
  /** Those that know the user. */
  readonly profiles: readonly UserProfile[];
}

/**
 * What the newest checkpoints of an application remember of a user. Reads the topics alone; what came after a checkpoint is not
 * in it.
 * @throws what the transport throws; checkpoint-damaged, checkpoint-version
 */
export async function describeUser(
  config: Config,
  transport: Pick<Transport, 'reader' | 'committedAll'>,
  pseudonym: string,
  logger: Logger,
): Promise<DescribedUser> {
  const keyOf = createKeyOf(await createHash32());
  const profiles: UserProfile[] = [];
  let checkpoints = 0;
  for (const [partition, committed] of [...(await transport.committedAll())].sort(([a], [b]) => a - b)) {
    const progress = decodeProgress(committed.progress);
    const owner = { application: config.application, partition };
    const whole = progress.whole?.shape === wholeShapeOf(config, keyOf) ? progress.whole : undefined;
    const ids = [...checkpointsFor(progress.checkpointId), ...(whole ? [wholeName(whole.wholeId).id] : [])];
    if (ids.length === 0) continue;
    const { chunks } = await readShelf(transport, owner, ids);
    const source = { owner, chunks, emptyState: () => emptyStreamState(config, keyOf), logger };
    const point =
      (whole && (await loadWhole(source, whole.wholeId))) ?? (await loadCheckpoint(source, progress.checkpointId));
    if (!point) continue;
    checkpoints++;
    const asOfMs = point.start.watermarkMs;
    const profile = profileOf(config, point.state, { pseudonym, key: keyOf(pseudonym), asOfMs });
    if (profile) profiles.push({ partition, asOfMs, ...profile });
  }
  return { pseudonym, checkpoints, profiles };
}

function profileOf(
  config: Config,
  { features }: StreamState,
  { pseudonym, key, asOfMs }: { readonly pseudonym: string; readonly key: Key; readonly asOfMs: number },
): Omit<UserProfile, 'partition' | 'asOfMs'> | undefined {
  const parts = Object.entries(features.tables()).filter(([name]) => OF_USERS.test(name));
  const captured = parts.map(([name, part]) => ({ name, columns: part.capture() }));
  const known = captured.filter(({ columns }) => placeOf(columns, key) >= 0);
  if (known.length === 0) return undefined;
  const list = listOf(pseudonym, asOfMs);
  const row = new Float32Array(features.width);
  features.look(list, asOfMs, () => undefined, row);
  const ofUser = keptColumns(config.features).flatMap(({ name, of }, at) =>
    'of' in of && isOfUser(of.of) ? [[name, Number.isNaN(row[at]!) ? null : row[at]!] as const] : [],
  );
  const { userActed, userShown } = features.histories?.asOf(list, asOfMs).words ?? {};
  const tastes = known.flatMap(({ name, columns }): [string, number[]][] => {
    const of = /^tastes ([^~]+)~/.exec(name)?.[1];
    const vector = (columns['values'] as readonly Float32Array[] | undefined)?.[placeOf(columns, key)];
    return of !== undefined && vector ? [[of, Array.from(vector)]] : [];
  });
  return {
    columns: Object.fromEntries(ofUser),
    tastes: Object.fromEntries(tastes),
    history: { ...(userActed ? { userActed } : {}), ...(userShown ? { userShown } : {}) },
    attributes: features.attributes?.of(key, asOfMs) ?? {},
  };
}

/** Parts of the state that are kept by user. */
const OF_USERS = /^(person$|own user$|history user|tastes |brought )/;

/** True for columns under the user and nothing else: `person`, or `by: [user]`. */
function isOfUser(of: unknown): boolean {
  return of === 'person' || (typeof of === 'object' && of !== null && 'name' in of && of.name === 'own user');
}

function placeOf(columns: CapturedColumns, key: Key): number {
  const { keys } = columns;
  return keys instanceof Float64Array ? keys.indexOf(key) : -1;
}

/** A list that the user might be shown now, of an item that nobody knows: what looks at it changes nothing. */
function listOf(user: string, eventTimeMs: number): CleanList {
  const item = {
    itemId: '\u0000',
    position: 1,
    impressionId: null,
    text: '',
    category: null,
    price: null,
    propensity: null,
    attributes: null,
  };
  const who = { requestId: '\u0000', session: '\u0000', user, query: '', context: {} };
  return { ...who, eventTimeMs, surface: 'SEARCH', items: [item] };
}
