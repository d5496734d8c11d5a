import { DeclaredReader } from '../../pipeline/clean/declared.js';
import { ownFields } from '../../pipeline/clean/own-fields.js';
import type { Config } from '../../config/schema.js';
import type { ImpressionList } from '../../events/words.js';
import type { Gate } from '../../pipeline/admit.js';
import type { Partition } from '../../pipeline/partition.js';
import { type Described, describeList } from '../../pipeline/serve/describe-list.js';
import { tableKeysReader } from '../../pipeline/tables/table-fields.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { ownRules, ownValues } from '../../own/index.js';
import type { Parts } from '../wire.js';

/** Describes lists from the state of one partition, in whichever thread that lives. */
export type Describe = (list: Partial<ImpressionList>) => Promise<Described>;

/** What describes lists from a partition of this thread. */
export function describerOf(
  partition: Partition,
  config: Config,
  parts: Parts,
  { clock, logger }: { readonly clock: Pick<Clock, 'nowMs'>; readonly logger: Logger },
): Describe {
  const declared = declaredOf(config, parts, logger);
  const gate = lookGate(partition.deps.gate, config, declared, ownRules(config, parts.ownCode, logger));
  const tables = partition.deps.tables?.looking(declared);
  return (list) => describeList(partition, list, { gate, tables, vectors: parts.vectors(), nowMs: clock.nowMs() });
}

/** A reader of declared features whose outcomes nobody counts. */
function declaredOf({ features, clean }: Config, parts: Parts, logger: Logger): DeclaredReader | undefined {
  if (features.declared.length === 0) return undefined;
  return new DeclaredReader(features.declared, clean.timeUnit, ownValues(parts.ownCode, logger), parts.tablePlaces);
}

/** The gate of a partition, for lists in our own form, of which nothing is carried and no outcome of a declared feature or rule is counted. */
function lookGate(gate: Gate, { tables }: Config, declared: DeclaredReader | undefined, rules: Gate['rules']): Gate {
  const { mapping: _mapping, own: _own, rules: _rules, ...rest } = gate;
  const others = rules ? { ...rest, rules } : rest;
  const own = ownFields(declared, undefined, tables.length > 0 ? tableKeysReader(tables) : undefined);
  return own ? { ...others, own } : others;
}
