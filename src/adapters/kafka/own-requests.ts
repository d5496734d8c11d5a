/**
 * Requests that kafkajs does not know: those that tell what a user may do, and since when a transaction is open. They go
 * by kafkajs's connections, so that addresses, certificates and credentials are the same.
 */
import type { Broker } from 'kafkajs';
import { ResponseReader } from './response-reader.js';

/** Kafka's operations, as its ACLs name them. */
export type Right = 'Read' | 'Write' | 'Create' | 'Alter' | 'Describe' | 'DescribeConfigs';

/** Bits of `authorized_operations` (org.apache.kafka.common.acl.AclOperation). */
const BITS: Readonly<Record<Right, number>> = {
  Read: 3,
  Write: 4,
  Create: 5,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
};
/** What a broker sends that does not tell. */
const UNTOLD = -2_147_483_648;

/** What the user of a connection may do with a resource; null: the broker does not tell. */
export type Rights = ReadonlySet<Right> | null;

export interface BrokerPlace {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface TopicFacts {
  /** Of the protocol; 0: none. */
  readonly errorCode: number;
  readonly partitionCount: number;
  /** Partitions that nobody leads now. */
  readonly leaderlessCount: number;
  readonly rights: Rights;
}

export interface ClusterFacts {
  readonly brokers: readonly BrokerPlace[];
  readonly topics: ReadonlyMap<string, TopicFacts>;
}

interface Connected extends Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>> | null;
  readonly connectionPool: { send(asked: object): Promise<unknown> };
}

/** Brokers and topics with the rights on them (Metadata, version 8); null where the broker is older. */
export async function clusterFacts(broker: Broker, topics: readonly string[]): Promise<ClusterFacts | null> {
  const body = Buffer.concat([arrayOf(topics), Buffer.from([0, 0, 1])]);
  const reader = await ask(broker, { key: 3, version: 8, name: 'Metadata' }, body);
  if (reader === null) return null;
  reader.int32();
  const brokers = times(reader, () => {
    const place = { nodeId: reader.int32(), host: reader.text(), port: reader.int32() };
    reader.text();
    return place;
  });
  reader.text();
  reader.int32();
  return { brokers, topics: new Map(times(reader, () => topicIn(reader))) };
}

function topicIn(reader: ResponseReader): [string, TopicFacts] {
  const errorCode = reader.int16();
  const name = reader.text();
  reader.int8();
  const leaders = times(reader, () => {
    reader.skip(2 + 4);
    const leader = reader.int32();
    reader.int32();
    for (let lists = 3; lists > 0; lists--) times(reader, () => reader.int32());
    return leader;
  });
  const leaderlessCount = leaders.filter((leader) => leader < 0).length;
  return [name, { errorCode, partitionCount: leaders.length, leaderlessCount, rights: rightsIn(reader.int32()) }];
}

/** What the user may do with a consumer group (DescribeGroups, version 3), asked of its coordinator. */
export async function groupFacts(
  broker: Broker,
  groupId: string,
): Promise<{ readonly errorCode: number; readonly rights: Rights } | null> {
  const body = Buffer.concat([arrayOf([groupId]), Buffer.from([1])]);
  const reader = await ask(broker, { key: 15, version: 3, name: 'DescribeGroups' }, body);
  if (reader === null) return null;
  reader.int32();
  reader.int32();
  const errorCode = reader.int16();
  for (let texts = 4; texts > 0; texts--) reader.text();
  times(reader, () => {
    for (let texts = 3; texts > 0; texts--) reader.text();
    reader.bytes();
    reader.bytes();
  });
  return { errorCode, rights: rightsIn(reader.int32()) };
}

/**
 * When, by the coordinator's clock, the open transaction of an id began (DescribeTransactions, version 0), epoch ms; null
 * where the broker is older or knows of none.
 */
export async function transactionStart(coordinator: Broker, transactionalId: string): Promise<number | null> {
  const id = Buffer.from(transactionalId, 'utf8');
  // An empty section of tagged fields ends the header and the body; lengths are one more than they are.
  const body = Buffer.concat([Buffer.from([0, 2]), unsignedVarint(id.length + 1), id, Buffer.from([0])]);
  const reader = await ask(coordinator, { key: 65, version: 0, name: 'DescribeTransactions' }, body);
  if (reader === null) return null;
  reader.int8();
  reader.int32();
  if (reader.compactLength() < 1 || reader.int16() !== 0) return null;
  reader.skip(reader.compactLength());
  reader.skip(reader.compactLength());
  reader.int32();
  const startMs = Number(reader.int64());
  return startMs > 0 ? startMs : null;
}

/** Sends a request and gives its answer; null where the broker knows no such version. */
async function ask(
  broker: Broker,
  api: { readonly key: number; readonly version: number; readonly name: string },
  body: Buffer,
): Promise<ResponseReader | null> {
  const { versions, connectionPool } = broker as Connected;
  if ((versions?.[api.key]?.maxVersion ?? -1) < api.version) return null;
  const answer = (await connectionPool.send({
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      encode: () => Promise.resolve({ buf: body, buffer: body }),
    },
    response: {
      decode: (payload: Buffer) => Promise.resolve({ payload }),
      parse: ({ payload }: { readonly payload: Buffer }) => Promise.resolve(payload),
    },
  })) as Buffer;
  return new ResponseReader(answer);
}

function rightsIn(bits: number): Rights {
  if (bits === UNTOLD) return null;
  return new Set((Object.keys(BITS) as Right[]).filter((right) => ((bits >> BITS[right]) & 1) === 1));
}

function times<T>(reader: ResponseReader, read: () => T): T[] {
  return Array.from({ length: Math.max(0, reader.int32()) }, read);
}

function arrayOf(texts: readonly string[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeInt32BE(texts.length);
  return Buffer.concat([
    count,
    ...texts.flatMap((text) => {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(2);
      length.writeInt16BE(bytes.length);
      return [length, bytes];
    }),
  ]);
}

function unsignedVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
