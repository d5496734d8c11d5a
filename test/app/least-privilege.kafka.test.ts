import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
  type AclEntry,
  type Admin,
} from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/index.js';
import { checkConnection, type Finding } from '../../src/app/connection/check-connection.js';
import type { Config } from '../../src/config/schema.js';
import { unsignedToken } from '../adapters/credentials/token-server.js';
import { securedBroker, type SecuredBroker } from '../adapters/kafka/secured.js';
import { type Application, type Changes, World } from './fixture.js';

const PAGE = new URL('../../docs/how/kafka-security.md', import.meta.url);
const OPERATIONS: Readonly<Record<string, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
};
const RESOURCES: Readonly<Record<string, AclResourceTypes>> = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
};

let broker: SecuredBroker;
let admin: Admin;
let world: World;

beforeAll(async () => {
  broker = await securedBroker();
  admin = new Kafka({ brokers: broker.brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  world = new World(() => ({}));
});
afterAll(async () => {
  await admin.disconnect();
  await broker.stop();
  world.remove();
});

/** The lines of the page for a mode, by the bold words before its block. */
function linesFor(mode: string): readonly string[] {
  const page = readFileSync(PAGE, 'utf8');
  const after = page.slice(page.indexOf(`**\`${mode}\`**`));
  return /```sh\n([^`]+)```/.exec(after)![1]!.trim().split('\n');
}

/** What a line of the page grants, to another user, over other names. */
function entriesOf(line: string, principal: string, named: (name: string) => string): AclEntry[] {
  const words = line.split(' ');
  const after = (flag: string): string[] => words.filter((_, at) => words[at - 1] === `--${flag}`);
  const isPrefixed = after('resource-pattern-type')[0] === 'prefixed';
  return Object.entries(RESOURCES).flatMap(([flag, resourceType]) =>
    after(flag).flatMap((name) =>
      after('operation').map((operation) => ({
        resourceType,
        resourceName: named(name),
        resourcePatternType: isPrefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
        principal: `User:${principal}`,
        host: '*',
        operation: OPERATIONS[operation]!,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    ),
  );
}

interface Tenant {
  /** Over the plain listener, where everything is allowed. */
  readonly operator: Application;
  /** Over TLS, as a user with the rights of some lines of the page. */
  readonly granted: (lines: readonly string[], changes?: Partial<Config['transport']>) => Promise<Application>;
}

/** A fresh application whose topics an operator has made. */
async function tenant(more: Changes = {}): Promise<Tenant> {
  const id = `acl-${randomUUID().slice(0, 8)}`;
  const prefix = `${id}.`;
  const place = (create: boolean, transport: object) =>
    world.application({
      ...more,
      application: id,
      topics: { ...more.topics, prefix, create, partitions: 1 },
      transport: { kind: 'kafka', ...more.transport, ...transport },
      join: { attributionWindowMs: 1_000 },
      selection: { budget: 1 },
    });
  const operator = place(true, { brokers: broker.brokers });
  await operator.withTransport(() => Promise.resolve());
  const named = (name: string): string => name.replace(/^sluice\./, prefix).replace('search-curation', id);
  return {
    operator,
    granted: async (lines, changes = {}) => {
      const principal = `user-${randomUUID().slice(0, 8)}`;
      await grant(lines.flatMap((line) => entriesOf(line, principal, named)));
      const command = [process.execPath, '-e', `console.log('${unsignedToken(principal, 3_600)}')`];
      return place(false, {
        brokers: broker.secured.brokers.sasl,
        tls: true,
        certificates: { caFile: broker.secured.certificates.ca },
        sasl: { mechanism: 'oauthbearer', oauth: { command } },
        ...changes,
      });
    },
  };
}

/** Resolves once the broker knows of all of them, which is a while after the controller does. */
async function grant(acl: AclEntry[]): Promise<void> {
  await admin.createAcls({ acl });
  const { principal } = acl[0]!;
  for (;;) {
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
      principal,
    });
    if (resources.flatMap(({ acls }) => acls).length === acl.length) return;
  }
}

const T0 = 1_750_000_000_000;
const eventsOf = (): string =>
  world.events(
    Array.from({ length: 20 }, (_, n) => ({
      requestId: `r${n}`,
      eventTimeMs: T0 + n * 100,
      surface: 'SEARCH',
      sessionId: `s${n}`,
      items: [{ itemId: 'a', position: 1, title: 'A' }],
    })),
    [
      { interactionId: 'i', eventTimeMs: T0 + 50, type: 'CLICK', sessionId: 's0', itemId: 'a', requestId: 'r0' },
      'no event',
    ],
  );

const ONE_TOPIC = `impressions:
  shape: row-per-list
  when: { column: kind, equals: page }
  requestId: page
  sessionId: visitor
  eventTimeMs: { column: at, time: ms }
  surface: SEARCH
  items: { each: hits, itemId: sku }
interactions:
  - { when: { column: kind, equals: click }, type: CLICK, itemId: sku, requestId: page, sessionId: visitor, eventTimeMs: { column: at, time: ms } }
`;

const RUN = 'sluice run';

/** What `sluice lint --connect` finds wrong. */
async function problemsOf({ config }: Application): Promise<readonly Finding[]> {
  const problems: Finding[] = [];
  for await (const finding of checkConnection(config, { clock: systemClock }))
    if (finding.verdict === 'problem') problems.push(finding);
  return problems;
}

describe('with the rights that the page lists, and no other', () => {
  test.concurrent.each(['exactly-once', 'at-least-once'] as const)('sluice run works, %s', async (delivery) => {
    const { operator, granted } = await tenant();
    await operator.send(eventsOf());
    const lines = linesFor(RUN).filter((line) => delivery === 'exactly-once' || !line.includes('transactional-id'));
    const application = await granted(lines, { delivery });
    expect(await problemsOf(application)).toEqual([]);
    const accounting = await application.runToEnd();
    expect(accounting).toMatchObject({ samples: { seen: 20 } });
    expect((await operator.samples()).size).toBeGreaterThan(0);
  });

  test.concurrent('sluice run works with the repartition step', async () => {
    const { operator, granted } = await tenant({ transport: { repartition: 'session' } });
    await operator.send(eventsOf());
    const lines = [...linesFor(RUN), ...linesFor('transport.repartition: session')];
    expect(await (await granted(lines)).runToEnd()).toMatchObject({ samples: { seen: 20 } });
  });

  test.concurrent('sluice run works over one topic that is both inputs', async () => {
    const mapping = join(world.folder, 'one-topic.yaml');
    writeFileSync(mapping, ONE_TOPIC);
    const topic = `one-${randomUUID().slice(0, 8)}`;
    const { operator, granted } = await tenant({
      wire: { mapping },
      topics: { names: { impressions: topic, interactions: topic } },
    });
    const value = Buffer.from(JSON.stringify({ kind: 'page', page: 'p1', visitor: 'v', at: T0, hits: [{ sku: 'a' }] }));
    await operator.withTransport((transport) =>
      transport.append([{ topic: 'impressions', key: Buffer.from('v'), value }]),
    );
    const lines = [...linesFor(RUN), ...linesFor('topics.names')].map((line) =>
      line.replace('--topic sluice.impressions --topic sluice.interactions', `--topic ${topic}`),
    );
    expect(await (await granted(lines)).runToEnd()).toMatchObject({ samples: { seen: 1 } });
  });

  test.concurrent('sluice send and sluice dump work', async () => {
    const { operator, granted } = await tenant();
    await (await granted(linesFor('sluice send'))).send(eventsOf());
    expect(await operator.withTransport((transport) => transport.endOffsets('impressions'))).toEqual([20]);
    expect(await (await granted(linesFor('sluice dump training'))).rows('training')).toEqual([]);
  });
});

describe('without one of them the connected lint names the right, and the start ends for good and says which is missing', () => {
  test.concurrent.each([
    ['topic sluice.late', 'topic-missing', /late/],
    ['transactional-id', 'kafka-not-authorised', /WRITE.*transactional ids that begin with application/],
    ['group', 'kafka-not-authorised', /READ on the group named by application/],
  ] as const)('%s', async (left, code, words) => {
    const { granted } = await tenant();
    const lines = linesFor(RUN).filter((line) => !line.includes(`--${left}`));
    expect(lines).toHaveLength(linesFor(RUN).length - 1);
    const application = await granted(lines);
    const problems = await problemsOf(application);
    expect(problems).toHaveLength(1);
    const [operation] = linesFor(RUN).filter((line) => !lines.includes(line));
    const rights = [...operation!.matchAll(/--operation (\w+)/g)].map(([flag]) => flag);
    for (const flag of [...rights, `--${left.split(' ')[0]!}`]) expect(problems[0]!.remedy).toContain(flag);
    const error: unknown = await application.runToEnd().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, class: 'config' });
    expect((error as Error).message).toMatch(words);
  });
});
