import type { Broker, Kafka } from 'kafkajs';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { messageOf } from '../../errors.js';
import { bounded } from './bounded.js';
import { openCluster } from './client.js';
import { isDead, ownIdentity, type ProcessIdentity } from './identity.js';
import type { KafkaOptions } from './settings.js';

/** What there is to know of the group. */
export interface GroupSurroundings {
  readonly kafka: Kafka;
  readonly application: string;
  readonly own: ProcessIdentity | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A start does not wait for this. */
const WITHIN_MS = 5_000;

interface Coordinator extends Broker {
  leaveGroup(asked: { groupId: string; memberId: string }): Promise<unknown>;
  describeGroups(asked: { groupIds: string[] }): Promise<{
    groups: readonly { readonly members: readonly { readonly memberId: string; readonly clientId: string }[] }[];
  }>;
}

interface AskingCluster {
  findGroupCoordinator(asked: { groupId: string }): Promise<Coordinator>;
}

/**
 * Takes members out of the group that were processes of this machine and are gone for certain, so that a start after a kill
 * need not wait until their session is over. Should one live all the same, it joins again; what it committed meanwhile is
 * fenced by the partition's new producer, as after any rebalance. Whatever fails, the session's end does the same later.
 */
export async function removeDead({ kafka, application, own, clock, logger }: GroupSurroundings): Promise<void> {
  if (own === undefined) return;
  const cluster = openCluster(kafka, 'committed');
  try {
    const work = async (): Promise<void> => {
      await cluster.connect();
      const coordinator = await (cluster as unknown as AskingCluster).findGroupCoordinator({ groupId: application });
      const { groups } = await coordinator.describeGroups({ groupIds: [application] });
      for (const { memberId, clientId } of groups[0]?.members ?? []) {
        if (!isDead(clientId, application, own)) continue;
        await coordinator.leaveGroup({ groupId: application, memberId });
        logger.info('a dead process of this machine was taken out of the group', {
          group: application,
          member: memberId,
        });
      }
    };
    await bounded(work(), WITHIN_MS, clock, 'look for dead members');
  } catch (error) {
    logger.debug('dead members are left to the end of their session', { why: messageOf(error) });
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
}

/**
 * Members of the application's group, by client id, once those that are certainly dead were taken out; `ownMember` is left out.
 * A member that died elsewhere counts until its session is over.
 */
export async function livingMembers(
  kafka: Kafka,
  { application, clock, logger }: KafkaOptions,
  ownMember: string | undefined,
): Promise<readonly string[]> {
  await removeDead({ kafka, application, own: ownIdentity(), clock, logger });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { groups } = await admin.describeGroups([application]);
    const members = groups.flatMap((group) => group.members);
    return members.filter(({ memberId }) => memberId !== ownMember).map(({ clientId }) => clientId);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
