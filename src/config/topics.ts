import { COUNTERS, INPUTS, OUTPUTS, type InputName, type TableRole, type TopicRole } from '../ports/transport.js';
import type { Config } from './schema.js';

type Names = Pick<Config['topics'], 'prefix' | 'names'>;

/** Full topic names of a role: one, or for an input behind the repartition step several, a list or comma-separated. */
export function topicNames({ names, prefix }: Names, role: TopicRole): readonly string[] {
  const given = names[role] ?? `${prefix}${role}`;
  return typeof given === 'string' ? given.split(',').map((name) => name.trim()) : given;
}

/** Full topic name of a role, of several the first: `topics.names` wins over `topics.prefix` + role. */
export function topicName(topics: Names, role: TopicRole): string {
  return topicNames(topics, role)[0]!;
}

/** True when some input has several topics. */
export function hasSeveralTopics(topics: Names): boolean {
  return INPUTS.some((input) => topicNames(topics, input).length > 1);
}

/** True when both inputs are one topic, or the same several ones, which hold events of all kinds. */
export function isOneTopic(topics: Names): boolean {
  const [left, right] = [topicNames(topics, 'impressions'), topicNames(topics, 'interactions')];
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

/** Topics that keep the newest record of each key only. */
export const COMPACTED: ReadonlySet<TopicRole> = new Set<TopicRole>(['snapshots', 'checkpoints']);

/** Roles of the topics that a stream uses: counters have one only where they are shared, which {@link withCounters} says. */
export function streamRoles({ names }: Pick<Config['topics'], 'names'>): readonly TopicRole[] {
  return [...INPUTS, ...OUTPUTS, ...(COUNTERS in names ? ([COUNTERS] as const) : [])];
}

/** The names of topics, with that of shared counters where they are shared, and without where they are not. */
export function withCounters(
  topics: Config['topics'],
  { counters }: Pick<Config['features'], 'counters'>,
): Config['topics'] {
  const { [COUNTERS]: name = `${topics.prefix}${COUNTERS}`, ...names } = topics.names;
  return { ...topics, names: counters === 'shared' ? { ...names, [COUNTERS]: name } : names };
}

/** Partition count a role's topic is created with: one for snapshots and counters, else the configured count. */
export function plannedPartitions(topics: Pick<Config['topics'], 'partitions'>, role: TopicRole): number {
  return role === 'snapshots' || role === COUNTERS ? 1 : topics.partitions;
}

/** The topic that holds an input of an application by session, where `transport.repartition` says so. */
export function bySessionTopic(application: string, input: InputName): string {
  return `${application}-${input}-by-session`;
}

/** The topics that the stream reads and writes: its inputs are those by session where `transport.repartition` says so. */
export function streamTopics({
  application,
  topics,
  transport,
}: Pick<Config, 'application' | 'topics' | 'transport'>): Config['topics'] {
  if (transport.repartition === 'none') return topics;
  return {
    ...topics,
    names: {
      ...topics.names,
      impressions: bySessionTopic(application, 'impressions'),
      interactions: bySessionTopic(application, 'interactions'),
    },
  };
}

/** The role of a table's topic. */
export function tableRole(name: string): TableRole {
  return `table-${name}`;
}

/** True for the role of a table's topic. */
export function isTableRole(role: string): role is TableRole {
  return role.startsWith('table-');
}

/** The tables' topics among some names, by role. */
export function tableRoles({ names }: Pick<Config['topics'], 'names'>): readonly TableRole[] {
  return Object.keys(names).filter(isTableRole);
}

/** The names of topics, with those of the tables. */
export function withTableTopics(topics: Config['topics'], tables: Config['tables']): Config['topics'] {
  const named = tables.flatMap(({ name, from }) => ('topic' in from ? [[tableRole(name), from.topic]] : []));
  return named.length === 0 ? topics : { ...topics, names: { ...topics.names, ...Object.fromEntries(named) } };
}

/** The names of all topics that a stream uses. */
export function allTopics(
  config: Pick<Config, 'application' | 'topics' | 'transport' | 'tables' | 'features'>,
): Config['topics'] {
  return withCounters(withTableTopics(streamTopics(config), config.tables), config.features);
}
