import type { Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import { tlsFault } from '../credentials/index.js';
import { splittable, withIpv6 } from './addresses.js';
import type { KafkaOptions } from './settings.js';
import { openSocket } from './sockets.js';

/** Longest look at one broker. */
const PATIENCE_MS = 5_000;
/** First byte of a TLS alert; a Kafka answer of that size would have 350 MB. */
const TLS_ALERT = 0x15;
const UNSUPPORTED_SASL_MECHANISM = 33;

/** What one broker showed. */
type Seen =
  | { readonly kind: 'kafka'; readonly mechanisms?: readonly string[] }
  /** It answered in TLS to what was not TLS. */
  | { readonly kind: 'tls' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'silent' };

/**
 * Looks, before kafkajs connects, whether the listeners of the bootstrap servers are what the config says. kafkajs would try
 * for ten seconds and then speak of a closed connection, whatever is wrong.
 * @throws SluiceError `kafka-tls`, `kafka-authentication` when every one of them is otherwise; what may pass is left to kafkajs
 */
export async function knock(options: KafkaOptions, open: ISocketFactory): Promise<void> {
  const verdicts = await Promise.all(options.transport.brokers.map((broker) => verdictOn(broker, options, open)));
  const [first] = verdicts;
  if (first !== undefined && verdicts.every((each) => each !== undefined)) throw first;
}

/** What is wrong with the listener at an address, be it for good or not; undefined: it speaks Kafka as the config says. */
export async function faultAt(
  broker: string,
  options: KafkaOptions,
  open: ISocketFactory,
): Promise<SluiceError | undefined> {
  const verdict = await verdictOn(broker, options, open);
  if (verdict !== undefined) return verdict;
  const seen = await look(broker, open, options.clock, false);
  if (seen.kind === 'kafka') return undefined;
  const why = seen.kind === 'failed' ? messageOf(seen.error) : `no answer of Kafka within ${PATIENCE_MS} ms`;
  return new SluiceError('kafka-unreachable', { brokers: broker, why });
}

/** What is wrong with a listener for good; undefined when nothing is, or nobody can tell. */
async function verdictOn(
  broker: string,
  { transport, clock }: KafkaOptions,
  open: ISocketFactory,
): Promise<SluiceError | undefined> {
  const wrong = (why: string): SluiceError => new SluiceError('kafka-tls', { broker, why });
  const wantsHandshake = transport.sasl === undefined;
  const seen = await look(broker, open, clock, wantsHandshake);
  if (seen.kind === 'kafka') {
    if (seen.mechanisms === undefined) return undefined;
    const why = `the listener ${broker} asks for SASL (${seen.mechanisms.join(', ')}): set transport.sasl`;
    return new SluiceError('kafka-authentication', { why });
  }
  const fault = seen.kind === 'failed' ? tlsFault(seen.error, 'transport.certificates') : undefined;
  if (seen.kind === 'failed' && seen.error instanceof SluiceError) return seen.error;
  if (transport.tls) {
    const plain = await look(broker, withIpv6(openSocket(undefined)), clock, false);
    if (plain.kind === 'kafka')
      return wrong('its listener is not encrypted: set transport.tls = false, or take the port of another listener');
    return fault === undefined ? undefined : wrong(fault);
  }
  if (seen.kind === 'tls' || (seen.kind === 'failed' && (await speaksTls(broker, clock))))
    return wrong('its listener speaks TLS: set transport.tls = true');
  return undefined;
}

/** True when a TLS connection comes about, whoever the certificate is of. */
async function speaksTls(broker: string, clock: Clock): Promise<boolean> {
  const seen = await look(broker, withIpv6(openSocket(() => ({ rejectUnauthorized: false }))), clock, false);
  if (seen.kind === 'failed') return tlsFault(seen.error, '') !== undefined;
  return seen.kind === 'kafka';
}

/** Asks for the versions of the protocol and, `wantsHandshake`, by which mechanisms one may log in. */
async function look(broker: string, open: ISocketFactory, clock: Clock, wantsHandshake: boolean): Promise<Seen> {
  const [host, port] = splittable(broker).split(':');
  const done = new AbortController();
  let socket: Socket | undefined;
  const asked = new Promise<Seen>((resolve) => {
    try {
      socket = open({
        host: host!,
        port: Number(port),
        ssl: undefined as never,
        onConnect: () => socket!.write(API_VERSIONS),
      });
    } catch (error) {
      return resolve({ kind: 'failed', error });
    }
    let received = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      if (received[0] === TLS_ALERT) return resolve({ kind: 'tls' });
      const answers = answersIn(received);
      if (answers.length === 0) return;
      if (!wantsHandshake) return resolve({ kind: 'kafka' });
      if (answers.length === 1) return void socket!.write(SASL_HANDSHAKE);
      resolve(mechanismsIn(answers[1]!));
    });
    socket.on('error', (error) => resolve({ kind: 'failed', error }));
    // A listener without SASL may close at a handshake.
    socket.on('close', () =>
      resolve(answersIn(received).length > 0 ? { kind: 'kafka' } : { kind: 'failed', error: new Error('closed') }),
    );
  });
  const overdue = clock.sleep(PATIENCE_MS, done.signal).then((): Seen => ({ kind: 'silent' }));
  try {
    return await Promise.race([asked, overdue]);
  } finally {
    done.abort();
    socket?.destroy();
  }
}

const API_VERSIONS = request(18, 0, 1, Buffer.alloc(0));
const SASL_HANDSHAKE = request(17, 1, 2, Buffer.from('\0\u0005PLAIN', 'latin1'));

/** A request of the Kafka protocol without a client id. */
function request(key: number, version: number, correlation: number, body: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + body.length);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(correlation, 8);
  head.writeInt16BE(-1, 12);
  return Buffer.concat([head, body]);
}

/** The whole answers received so far, without size and correlation. */
function answersIn(received: Buffer): readonly Buffer[] {
  const answers: Buffer[] = [];
  for (let at = 0; at + 8 <= received.length;) {
    const end = at + 4 + received.readInt32BE(at);
    if (end > received.length || end < at + 8) break;
    answers.push(received.subarray(at + 8, end));
    at = end;
  }
  return answers;
}

/** A listener without SASL answers a handshake with an error of its own. */
function mechanismsIn(answer: Buffer): Seen {
  const code = answer.readInt16BE(0);
  if (code !== 0 && code !== UNSUPPORTED_SASL_MECHANISM) return { kind: 'kafka' };
  const mechanisms: string[] = [];
  let at = 6;
  for (let left = answer.readInt32BE(2); left > 0; left--) {
    const length = answer.readInt16BE(at);
    mechanisms.push(answer.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { kind: 'kafka', mechanisms };
}
