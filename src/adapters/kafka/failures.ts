import { messageOf, SluiceError } from '../../errors.js';

/** What kafkajs hangs on its errors. */
interface KafkaFault {
  readonly name?: string;
  readonly type?: string;
  readonly code?: unknown;
  readonly retriable?: boolean;
  readonly message?: string;
  readonly cause?: unknown;
  readonly host?: string;
  readonly port?: number;
}

/** The error and its causes, outermost first. */
export function faultsOf(thrown: unknown): readonly KafkaFault[] {
  const faults: KafkaFault[] = [];
  let next = thrown;
  while (typeof next === 'object' && next !== null && !faults.includes(next as KafkaFault)) {
    faults.push(next as KafkaFault);
    next = (next as KafkaFault).cause;
  }
  return faults;
}

const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

/** True when another producer with this transactional id took over, or the broker expired our transaction. kafkajs does not know code 90, PRODUCER_FENCED. */
export function isFenced(thrown: unknown): boolean {
  return faultsOf(thrown).some(
    ({ type, message }) => FENCED.has(type ?? '') || (message ?? '').includes('Unknown error code 90'),
  );
}

/** True when any error of the chain has this protocol type. */
export function hasType(thrown: unknown, type: string): boolean {
  return faultsOf(thrown).some((fault) => fault.type === type);
}

const HOPELESS = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_TRANSACTION_TIMEOUT',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'OFFSET_METADATA_TOO_LARGE',
];

/** True when the same request can never succeed: no retry helps. */
export function isHopeless(thrown: unknown): boolean {
  const faults = faultsOf(thrown);
  const own = faults.find((fault) => fault instanceof SluiceError);
  if (own instanceof SluiceError) return own.class !== 'transient';
  return faults.some(
    ({ type, name }) =>
      HOPELESS.includes(type ?? '') || name === 'KafkaJSSASLAuthenticationError' || name === 'KafkaJSNotImplemented',
  );
}

const UNREACHABLE = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
]);

/** True when no answer came at all: refused, closed, timed out. */
export function isUnreachable(thrown: unknown): boolean {
  return faultsOf(thrown).some(({ name, code }) => UNREACHABLE.has(name ?? '') || code === 'ECONNREFUSED');
}

/** The connection that closed, for kafkajs keeps a dead broker until told to forget it. */
export function closedBroker(thrown: unknown): { host: string; port: number } | undefined {
  const fault = faultsOf(thrown).find(({ name }) => name === 'KafkaJSConnectionClosedError');
  return fault?.host !== undefined && fault.port !== undefined ? { host: fault.host, port: fault.port } : undefined;
}

/** Anything thrown as an error of our table: itself, `kafka-unreachable` or `kafka-failed`. */
export function asSluiceError(thrown: unknown, brokers: readonly string[]): SluiceError {
  const own = faultsOf(thrown).find((fault) => fault instanceof SluiceError);
  if (own instanceof SluiceError) return own;
  const why = messageOf(thrown);
  return isUnreachable(thrown)
    ? new SluiceError('kafka-unreachable', { brokers: brokers.join(', '), why }, { cause: thrown })
    : new SluiceError('kafka-failed', { why }, { cause: thrown });
}
