import { DeclaredReader } from '../../pipeline/clean/declared.js';
import { ownFields } from '../../pipeline/clean/own-fields.js';
import type { Config } from '../../config/schema.js';
import type { ImpressionList } from '../../events/words.js';
import type { Gate } from '../../pipeline/admit.js';
import type { Partition } from '../../pipeline/partition.js';
import { type Described, describeList } from '../../pipeline/serve/describe-list.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { ownValues } from '../../own/index.js';
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
  const gate = lookGate(partition.deps.gate, config, parts, logger);
  return (list) => describeList(partition, list, { gate, vectors: parts.vectors(), nowMs: clock.nowMs() });
}

/** The gate of a partition, for lists in our own form, of which nothing is carried and no outcome of a declared feature is counted. */
function lookGate(gate: Gate, { features, clean }: Config, parts: Parts, logger: Logger): Gate {
  const { mapping: _mapping, own: _own, ...others } = gate;
  if (features.declared.length === 0) return others;
  const declared = new DeclaredReader(features.declared, clean.timeUnit, ownValues(parts.ownCode, logger));
  const own = ownFields(declared, undefined);
  return own ? { ...others, own } : others;
}
