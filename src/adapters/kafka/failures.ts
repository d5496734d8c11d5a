import { messageOf, SluiceError } from '../../errors.js';
import { tlsFault } from '../credentials/index.js';

/** What kafkajs hangs on its errors. */
interface KafkaFault {
  readonly name?: string;
  readonly type?: string;
  readonly code?: unknown;
  readonly retriable?: boolean;
  readonly message?: string;
  readonly cause?: unknown;
  /** Of an aggregate: one for each thing asked for. */
  readonly errors?: readonly unknown[];
  /** Of a deletion of groups: one for each that was refused. */
  readonly groups?: readonly { readonly error?: unknown }[];
  readonly host?: string;
  readonly port?: number;
  /** Address of the broker, of a connection that failed. */
  readonly broker?: string;
}

/** The error, the errors it gathers and their causes, outermost first. */
export function faultsOf(thrown: unknown): readonly KafkaFault[] {
  const faults = new Set<KafkaFault>();
  const waiting = [thrown];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (typeof next !== 'object' || next === null || faults.has(next)) continue;
    const fault: KafkaFault = next;
    faults.add(fault);
    waiting.push(fault.cause, ...(fault.errors ?? []), ...(fault.groups ?? []).map(({ error }) => error));
    while (waiting[0] === undefined && waiting.length > 0) waiting.shift();
  }
  return [...faults];
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

const AUTHORISATION = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
];

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

const REFUSED = [
  'INVALID_RECORD',
  'INVALID_TRANSACTION_TIMEOUT',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'OFFSET_METADATA_TOO_LARGE',
  'UNSUPPORTED_VERSION',
  'INVALID_SESSION_TIMEOUT',
  'POLICY_VIOLATION',
];

const AUTHENTICATION = ['SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE'];

/** True when any error of the chain says that a right is missing. */
export function isAuthorisation(thrown: unknown): boolean {
  return faultsOf(thrown).some(({ type }) => AUTHORISATION.includes(type ?? ''));
}

/** True when an answer came and could not be taken apart: a fault while reading it. */
export function isUnpackFault(thrown: unknown): boolean {
  const faults = faultsOf(thrown);
  return !faults.some((fault) => fault instanceof SluiceError || (fault.name ?? '').startsWith('KafkaJS'));
}

/** True when a record, or a batch of them, is larger than its topic takes. */
export function isTooLarge(thrown: unknown): boolean {
  return TOO_LARGE.some((type) => hasType(thrown, type));
}

/** True when the same request can never succeed: no retry helps. */
export function isHopeless(thrown: unknown): boolean {
  const own = faultsOf(thrown).find((fault) => fault instanceof SluiceError);
  if (own instanceof SluiceError) return own.class !== 'transient';
  return permanent(thrown) !== undefined;
}

/** What the operator must change, as an error of the table; undefined when the failure may pass. */
function permanent(thrown: unknown): SluiceError | undefined {
  const faults = faultsOf(thrown);
  const of = (types: readonly string[]): KafkaFault | undefined =>
    faults.find(({ type, name }) => types.includes(type ?? '') || types.includes(name ?? ''));
  const why = messageOf(thrown);
  const tls = tlsFaultIn(faults);
  if (tls) return new SluiceError('kafka-tls', tls, { cause: thrown });
  const authentication = of([...AUTHENTICATION, 'KafkaJSSASLAuthenticationError']);
  if (authentication) return new SluiceError('kafka-authentication', { why }, { cause: thrown });
  const right = of(AUTHORISATION);
  if (right) return new SluiceError('kafka-not-authorised', rightOf(right.type ?? '', why), { cause: thrown });
  if (isTooLarge(thrown))
    return new SluiceError('record-too-large', { topic: 'a topic', bytes: 'unknown', why }, { cause: thrown });
  const refused = of(REFUSED);
  return refused && new SluiceError('kafka-refused', { why: `${refused.type}: ${why}` }, { cause: thrown });
}

/** What is wrong with a TLS connection for good, and with which broker. */
function tlsFaultIn(faults: readonly KafkaFault[]): { readonly broker: string; readonly why: string } | undefined {
  for (const fault of faults) {
    const why = tlsFault(fault, 'transport.certificates');
    if (why !== undefined) return { broker: fault.broker ?? 'of transport.brokers', why };
  }
  return undefined;
}

/** The right that is missing, in the words of Kafka's ACLs. */
function rightOf(type: string, why: string): { readonly resource: string; readonly operations: string; why: string } {
  switch (type) {
    case 'GROUP_AUTHORIZATION_FAILED':
      return { resource: 'the group named by application', operations: 'READ', why };
    case 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED':
      return { resource: 'transactional ids that begin with application', operations: 'WRITE and DESCRIBE', why };
    case 'CLUSTER_AUTHORIZATION_FAILED':
      return {
        resource: 'the cluster (or topics that exist: create them yourself)',
        operations: 'CREATE, and IDEMPOTENT_WRITE on brokers before 2.8',
        why,
      };
    default:
      return {
        resource: 'the topics that begin with topics.prefix (or are named in topics.names)',
        operations:
          'READ and DESCRIBE on inputs; READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS and, to make them, CREATE on the others',
        why,
      };
  }
}

/** What kafkajs says of a broker that took the connection and never answered. */
const NEVER_ANSWERED = 'Broker not connected';

const UNREACHABLE = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
]);

/** True when no answer came at all: refused, closed, timed out. kafkajs gives the error of a broker that never answered no name. */
function isUnreachable(thrown: unknown): boolean {
  return faultsOf(thrown).some(
    ({ name, code, message }) => UNREACHABLE.has(name ?? '') || code === 'ECONNREFUSED' || message === NEVER_ANSWERED,
  );
}

/** The connection that closed, for kafkajs keeps a dead broker until told to forget it. */
export function closedBroker(thrown: unknown): { host: string; port: number } | undefined {
  const fault = faultsOf(thrown).find(({ name }) => name === 'KafkaJSConnectionClosedError');
  return fault?.host !== undefined && fault.port !== undefined ? { host: fault.host, port: fault.port } : undefined;
}

/** Anything thrown as an error of our table: itself, what the operator must change, `kafka-unreachable` or `kafka-failed`. */
export function asSluiceError(thrown: unknown, brokers: readonly string[]): SluiceError {
  const own = faultsOf(thrown).find((fault) => fault instanceof SluiceError);
  if (own instanceof SluiceError) return own;
  const forGood = permanent(thrown);
  if (forGood) return forGood;
  const said = messageOf(thrown);
  const why = said === NEVER_ANSWERED ? 'what listens there took the connection and gave no answer of Kafka' : said;
  return isUnreachable(thrown)
    ? new SluiceError('kafka-unreachable', { brokers: brokers.join(', '), why }, { cause: thrown })
    : new SluiceError('kafka-failed', { why }, { cause: thrown });
}
