import { longestWindowMs } from '../../events/windows.js';
import {
  NEEDED_BYTES,
  TOPIC_UNAUTHORISED,
  UNKNOWN_TOPIC,
  type ClusterFacts,
  type KafkaProbe,
  type TopicFacts,
} from '../../adapters/kafka/index.js';
import type { Config } from '../../config/schema.js';
import { isTableRole } from '../../config/topics.js';
import { fine, problem, unknown, type Finding } from './finding.js';
import { grantTopic } from './grants.js';
import type { TopicNeed } from './needs.js';

/** Settings of topics by name, and of a topic by setting; null: they may not be read. */
type Settings = ReadonlyMap<string, ReadonlyMap<string, string>> | null;

/** Whether each topic is there, or could be made, and is as Sluice needs it. */
export async function* topicFindings(
  probe: KafkaProbe,
  config: Config,
  needs: readonly TopicNeed[],
  facts: ClusterFacts,
): AsyncGenerator<Finding> {
  const present = needs.filter(({ topic }) => facts.topics.get(topic)?.errorCode === 0);
  const settings: Settings = await probe.settings(present.map(({ topic }) => topic));
  for (const need of needs) {
    const found = facts.topics.get(need.topic);
    if (found?.errorCode === 0) yield presentFinding(config, need, found, settings?.get(need.topic));
    else yield await absentFinding(probe, config, need, found?.errorCode ?? UNKNOWN_TOPIC);
  }
  if (settings === null)
    yield unknown(
      'topics',
      'their settings may not be read: message sizes, clean-up and retention are not checked',
      'Grant DescribeConfigs on the topics, or compare them with docs/how/kafka.md.',
    );
  yield* unequalInputs(present, facts);
}

async function absentFinding(
  probe: KafkaProbe,
  config: Config,
  { role, topic, rights }: TopicNeed,
  errorCode: number,
): Promise<Finding> {
  if (errorCode === TOPIC_UNAUTHORISED)
    return problem(
      'topics',
      `${topic}: the broker does not say whether it is there: no right on it`,
      grantTopic(config, topic, rights),
    );
  if (errorCode !== UNKNOWN_TOPIC)
    return problem('topics', `${topic}: the broker answers with error ${errorCode}`, 'See the broker log.');
  if (isTableRole(role))
    return problem('topics', `${topic}: missing, and a table is made by those who write it`, 'Create it, compacted.');
  if (!config.topics.create)
    return problem('topics', `${topic}: missing, and topics.create is off`, 'Create it, or set topics.create = true.');
  const refusal = await probe.refusalToCreate(role, topic);
  if (refusal === undefined) return fine('topics', `${topic}: missing; the first start makes it`);
  return {
    ...problem(
      'topics',
      `${topic}: missing, and the broker would not let it be made: ${refusal.reason}`,
      'Create it yourself and set topics.create = false, or grant Create, and check topics.partitions and topics.replicationFactor.',
    ),
    mayPass: refusal.class === 'transient',
  };
}

function presentFinding(
  config: Config,
  { role, topic, isCompacted, isInput }: TopicNeed,
  { partitionCount, leaderlessCount }: TopicFacts,
  settings: ReadonlyMap<string, string> | undefined,
): Finding {
  if (leaderlessCount > 0)
    return {
      ...problem(
        'topics',
        `${topic}: ${leaderlessCount} of ${partitionCount} partitions have no leader`,
        'Start the brokers that hold them; nothing is read or written there until then.',
      ),
      mayPass: true,
    };
  const policy = settings?.get('cleanup.policy');
  if (isCompacted && policy !== undefined && !policy.includes('compact'))
    return problem(
      'topics',
      `${topic}: cleanup.policy = ${policy}: state and models would be deleted by age`,
      `kafka-configs.sh --bootstrap-server ${config.transport.brokers[0]!} --alter --topic ${topic} --add-config cleanup.policy=compact`,
    );
  const limit = Number(settings?.get('max.message.bytes') ?? Infinity);
  const needed = NEEDED_BYTES[role] ?? 0;
  if (limit < needed)
    return problem(
      'topics',
      `${topic}: max.message.bytes = ${limit} is under ${needed}`,
      `Raise max.message.bytes of it to ${needed} or more.`,
    );
  if (isTableRole(role)) return tableFinding(config, topic, settings);
  const retention = isInput ? shortRetention(config, topic, settings) : undefined;
  if (retention !== undefined) return retention;
  return fine('topics', `${topic}: ${partitionCount} ${partitionCount === 1 ? 'partition' : 'partitions'}`);
}

/** The rows that a restart reads again must still be what they were. */
function tableFinding({ state }: Config, topic: string, settings: ReadonlyMap<string, string> | undefined): Finding {
  const isCompacted = settings?.get('cleanup.policy')?.includes('compact') === true;
  const lagMs = Number(settings?.get('min.compaction.lag.ms') ?? Infinity);
  const leastMs = 2 * state.checkpointEveryMs;
  if (!isCompacted || lagMs >= leastMs) return fine('topics', `${topic}: a table`);
  return problem(
    'topics',
    `${topic}: min.compaction.lag.ms = ${lagMs} is shorter than two checkpoints (${leastMs})`,
    `Raise it: a restart could find rows that are newer than those of before.`,
  );
}

/** An input must be there as long as a restart may read it again. */
function shortRetention(
  { join, state }: Config,
  topic: string,
  settings: ReadonlyMap<string, string> | undefined,
): Finding | undefined {
  const retentionMs = Number(settings?.get('retention.ms') ?? -1);
  const leastMs = longestWindowMs(join) + join.allowedLatenessMs + 2 * state.checkpointEveryMs;
  if (retentionMs < 0 || retentionMs >= leastMs) return undefined;
  return problem(
    'topics',
    `${topic}: retention.ms = ${retentionMs} is shorter than the attribution window, the allowed lateness and two checkpoints (${leastMs})`,
    `Raise retention.ms of it: what a restart must read again would be gone.`,
  );
}

function* unequalInputs(present: readonly TopicNeed[], facts: ClusterFacts): Generator<Finding> {
  const inputs = present.filter(({ isInput }) => isInput);
  const counts = inputs.map(({ topic }) => facts.topics.get(topic)!.partitionCount);
  if (new Set(counts).size <= 1) return;
  yield problem(
    'topics',
    `the inputs have unequal partition counts: ${inputs.map(({ topic }, at) => `${topic} ${counts[at]!}`).join(', ')}`,
    'They are joined partition by partition: recreate one of the topics with the count of the other.',
  );
}
