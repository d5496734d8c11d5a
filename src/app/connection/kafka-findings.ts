import { KafkaProbe, type ClusterFacts, type Right, type Rights } from '../../adapters/kafka/index.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { WireDeps } from '../wire.js';
import { clockFinding } from './clock-finding.js';
import { fine, problem, thrownProblem, unknown, type Finding } from './finding.js';
import { needsOf, type Needs } from './needs.js';
import { grantGroup, grantTopic, grantTransactions } from './grants.js';
import { topicFindings } from './topic-findings.js';

/** What a Kafka cluster answers to the questions that a start would put to it. */
export async function* kafkaFindings(
  config: Config,
  deps: Pick<WireDeps, 'logger' | 'clock'>,
): AsyncGenerator<Finding> {
  const { transport } = config;
  let probe: KafkaProbe;
  try {
    probe = new KafkaProbe({ ...config, logger: deps.logger, clock: deps.clock });
  } catch (thrown) {
    return yield thrownProblem('brokers', 'no client can be made', thrown);
  }
  try {
    const faults = await Promise.all(transport.brokers.map((broker) => probe.faultAt(broker)));
    for (const [at, broker] of transport.brokers.entries()) yield bootstrapFinding(config, broker, faults[at]);
    // One that answers is enough to come in.
    if (faults.every((fault) => fault !== undefined)) return;
    yield* inside(probe, config);
  } catch (thrown) {
    yield thrownProblem('brokers', `asked ${transport.brokers.join(', ')}`, thrown);
  } finally {
    await probe.close();
  }
}

function bootstrapFinding({ transport }: Config, broker: string, fault: SluiceError | undefined): Finding {
  if (fault !== undefined) return thrownProblem('brokers', broker, fault);
  return fine('brokers', `${broker} answers, ${transport.tls ? 'by TLS' : 'without TLS'}`);
}

async function* inside(probe: KafkaProbe, config: Config): AsyncGenerator<Finding> {
  const needs = needsOf(config);
  const facts = await probe.facts(needs.topics.map(({ topic }) => topic));
  const { sasl } = config.transport;
  if (sasl !== undefined)
    yield fine('brokers', `logged in by ${sasl.mechanism}${sasl.username === undefined ? '' : ` as ${sasl.username}`}`);
  if (facts === null) {
    yield unknown('rights', 'this broker tells neither topics nor rights (it is older than Kafka 2.3)');
    return;
  }
  const isReached = yield* advertised(probe, facts);
  // Whatever comes next is asked there.
  if (!isReached) return;
  yield* topicFindings(probe, config, needs.topics, facts);
  yield* topicRights(config, needs, facts);
  yield* groupRights(probe, config, needs);
  yield* transactions(probe, config, needs);
}

/**
 * Brokers as they tell clients to come: what a bootstrap server says is not always what can be reached from here.
 * @returns whether any can be reached
 */
async function* advertised(probe: KafkaProbe, { brokers }: ClusterFacts): AsyncGenerator<Finding, boolean> {
  const faults = await Promise.all(
    brokers.map(({ host, port }) => probe.faultAt(`${host.includes(':') ? `[${host}]` : host}:${port}`)),
  );
  for (const [at, { nodeId, host, port }] of brokers.entries()) {
    const fault = faults[at];
    if (fault === undefined) yield fine('brokers', `broker ${nodeId} answers at the address it gives, ${host}:${port}`);
    else
      yield {
        ...thrownProblem('brokers', `broker ${nodeId} tells clients to come to ${host}:${port}, which fails`, fault),
        remedy: `Make ${host}:${port} reachable from here, or correct advertised.listeners of that broker.`,
      };
  }
  return faults.includes(undefined);
}

function* topicRights(config: Config, { topics }: Needs, facts: ClusterFacts): Generator<Finding> {
  for (const { topic, rights } of topics) {
    const found = facts.topics.get(topic);
    if (found === undefined || found.errorCode !== 0) continue;
    if (found.rights === null) yield unknown('rights', `topic ${topic}: the broker does not tell`);
    else {
      const missing = rights.filter((right) => !has(found.rights, right));
      yield missing.length === 0
        ? fine('rights', `topic ${topic}: ${rights.join(', ')}`)
        : problem('rights', `topic ${topic}: ${missing.join(' and ')} missing`, grantTopic(config, topic, missing));
    }
  }
}

async function* groupRights(probe: KafkaProbe, config: Config, { groups }: Needs): AsyncGenerator<Finding> {
  for (const group of groups) {
    const rights = await probe.groupRights(group);
    if (rights === null) yield unknown('rights', `group ${group}: the broker does not tell`);
    else if (has(rights, 'Read')) yield fine('rights', `group ${group}: Read`);
    else yield problem('rights', `group ${group}: Read missing`, grantGroup(config, group));
  }
}

function has(rights: Rights, right: Right): boolean {
  return rights?.has(right) ?? false;
}

async function* transactions(probe: KafkaProbe, config: Config, needs: Needs): AsyncGenerator<Finding> {
  const { transactionalIds, groups } = needs;
  if (transactionalIds === null) {
    yield unknown('clock', 'the clock of the brokers is told by a transaction, and transport.delivery makes none');
    return;
  }
  const what = `transactional ids ${transactionalIds}*`;
  try {
    const difference = await probe.transaction(`${transactionalIds}lint`, groups[0]!);
    yield fine('rights', `${what}: Write`);
    yield clockFinding(difference);
  } catch (thrown) {
    const isGroup = thrown instanceof SluiceError && /group/i.test(thrown.message);
    if (!(thrown instanceof SluiceError) || thrown.code !== 'kafka-not-authorised')
      yield thrownProblem('rights', what, thrown);
    else if (!isGroup) yield problem('rights', `${what}: Write missing`, grantTransactions(config, transactionalIds));
    // Without the group the transaction cannot tell the time; that the right is missing is said above.
    yield unknown('clock', 'the clock of the brokers is told by a transaction, and none came about');
  }
}
