import type { Broker } from 'kafkajs';
import type { FetchedBatch } from './record-batch.js';
import { decodeFetch, type FetchResponse } from './fetch-response.js';

/** A message as kafkajs decodes it, of a format before record batches. */
interface OldMessage {
  readonly offset: string;
  readonly timestamp?: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

interface OldResponse extends Omit<FetchResponse, 'responses'> {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly (Omit<FetchResponse['responses'][number]['partitions'][number], 'batches'> & {
      readonly messages: readonly OldMessage[];
    })[];
  }[];
}

/** A request as kafkajs hands it to its connections. */
interface ProtocolRequest {
  readonly request: { readonly apiVersion: number };
  readonly response: { readonly decode: (payload: Buffer) => Promise<OldResponse> };
}

interface Pool {
  send(request: ProtocolRequest): Promise<unknown>;
}

/** Reads since version 4; brokers before 0.11 know none. */
const FIRST_VERSION = 4;

/**
 * Fetches by kafkajs's request, connections and versions, with a reader of our own for what comes back. kafkajs hands no
 * reader in, so the broker is asked through a stand-in whose connections swap it.
 */
export async function fetchBatches(broker: Broker, request: Parameters<Broker['fetch']>[0]): Promise<FetchResponse> {
  const { connectionPool } = broker as Broker & { readonly connectionPool: Pool };
  const send = (asked: ProtocolRequest): Promise<unknown> => connectionPool.send(withOwnReader(asked));
  const pool = Object.create(connectionPool, { send: { value: send } }) as Pool;
  const standIn = Object.create(broker, { connectionPool: { value: pool } }) as Broker;
  return (await standIn.fetch(request)) as unknown as FetchResponse;
}

function withOwnReader(asked: ProtocolRequest): ProtocolRequest {
  const { apiVersion } = asked.request;
  const decode = async (payload: Buffer): Promise<FetchResponse> =>
    (apiVersion < FIRST_VERSION ? undefined : await decodeFetch(payload, apiVersion)) ??
    inBatches(await asked.response.decode(payload));
  return { ...asked, response: { ...asked.response, decode } as never };
}

/** Messages of before record batches, each as a batch of its own. */
function inBatches(old: OldResponse): FetchResponse {
  return {
    ...old,
    responses: old.responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ messages, ...head }) => ({ ...head, batches: messages.map(alone) })),
    })),
  };
}

function alone({ offset, timestamp, key, value }: OldMessage): FetchedBatch {
  const at = Number(offset);
  return {
    firstOffset: at,
    lastOffset: at,
    producerId: '-1',
    isInTransaction: false,
    isControl: false,
    records: [{ offset: at, key, value, timestampMs: Number(timestamp ?? -1), headers: {} }],
  };
}
