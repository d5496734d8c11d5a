import type { Right } from '../../adapters/kafka/index.js';
import type { Config } from '../../config/schema.js';
import {
  COMPACTED,
  isOneTopic,
  streamRoles,
  streamTopics,
  tableRole,
  topicName,
  topicNames,
  withCounters,
} from '../../config/topics.js';
import { INPUTS, type TopicRole } from '../../ports/transport.js';

/** A topic that `sluice run` uses, and what its user must be allowed to do with it. */
export interface TopicNeed {
  readonly role: TopicRole;
  readonly topic: string;
  readonly rights: readonly Right[];
  readonly isCompacted: boolean;
  /** Messages come from others: how long they are kept decides what can be read again. */
  readonly isInput: boolean;
}

/** What `sluice run` uses of a cluster (docs/how/kafka-security.md). */
export interface Needs {
  readonly topics: readonly TopicNeed[];
  /** Consumer groups, all to be read. */
  readonly groups: readonly string[];
  /** Beginning of every transactional id; null: no transactions. */
  readonly transactionalIds: string | null;
}

export function needsOf(config: Config): Needs {
  const { application, topics, transport } = config;
  const stream = streamTopics(config);
  const isMoved = transport.repartition === 'session';
  const inputs = INPUTS.flatMap((role) =>
    topicNames(topics, role).map((topic): TopicNeed => need(role, topic, ['Read'], true)),
  );
  const bySession = isMoved
    ? INPUTS.map((role): TopicNeed => need(role, topicName(stream, role), ['Read', 'Write'], true))
    : [];
  const ofInputs: readonly TopicRole[] = INPUTS;
  const roles = streamRoles(withCounters(topics, config.features)).filter((role) => !ofInputs.includes(role));
  const outputs = roles.map((role): TopicNeed => {
    // A reader of its own output is the learner, a restore, a look-up.
    const isWrittenOnly = role === 'late' && !config.retrain.lateLabels;
    return need(role, topicName(topics, role), isWrittenOnly ? ['Write'] : ['Read', 'Write'], false);
  });
  const tables = config.tables.flatMap(({ name, from }) =>
    'topic' in from ? [need(tableRole(name), from.topic, ['Read'], false)] : [],
  );
  const groups = [application, ...(isOneTopic(stream) ? [`${application}-interactions`] : [])];
  const before = isMoved
    ? [`${application}-repartition`, ...(isOneTopic(topics) ? [`${application}-repartition-interactions`] : [])]
    : [];
  const named = new Map([...inputs, ...bySession, ...outputs, ...tables].map((each) => [each.topic, each]));
  return {
    topics: [...named.values()],
    groups: [...groups, ...before],
    transactionalIds: transactionalIdsOf(config),
  };
}

/** The repartition step commits in transactions whatever the stream does. */
function transactionalIdsOf({ application, transport }: Config): string | null {
  if (transport.delivery === 'exactly-once') return `${application}-`;
  return transport.repartition === 'session' ? `${application}-repartition-` : null;
}

function need(role: TopicRole, topic: string, rights: readonly Right[], isInput: boolean): TopicNeed {
  return { role, topic, rights, isInput, isCompacted: COMPACTED.has(role) };
}
