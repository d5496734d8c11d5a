import { KafkaJSConnectionError, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { kafkaClient } from '../../../src/adapters/kafka/client.js';
import { asSluiceError, isFenced, isHopeless } from '../../../src/adapters/kafka/failures.js';
import { kafkaLogCreator } from '../../../src/adapters/kafka/log-creator.js';
import { NO_RESTARTS, noteRestart, RESTART_WINDOW_MS, type Restarts } from '../../../src/adapters/kafka/restarts.js';
import { topicSettings } from '../../../src/adapters/kafka/topics.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { SluiceError } from '../../../src/errors.js';
import { silentLogger } from './silent-logger.js';

describe('restarts', () => {
  const during = (times: readonly number[], hasProgressed: boolean, max = 3) => {
    let restarts: Restarts = NO_RESTARTS;
    return times.map((atMs) => {
      const noted = noteRestart(restarts, atMs, hasProgressed, max);
      restarts = noted.restarts;
      return noted.isAllowed;
    });
  };

  test('are bounded within the window', () => {
    expect(during([0, 1, 2, 3], true)).toEqual([true, true, true, false]);
  });

  test('are forgotten after the window when there was progress', () => {
    expect(during([0, 1, 2, RESTART_WINDOW_MS + 3], true)).toEqual([true, true, true, true]);
  });

  test('are never forgotten without progress, however slow the watchdog', () => {
    expect(
      during(
        [0, 1, 2, 3].map((each) => each * RESTART_WINDOW_MS),
        false,
      ),
    ).toEqual([true, true, true, false]);
  });

  test('none allowed means none', () => {
    expect(during([0], true, 0)).toEqual([false]);
  });
});

describe('failures', () => {
  const protocol = (type: string, message = type) =>
    Object.assign(new Error(message), { name: 'KafkaJSProtocolError', type });

  test('fenced is told from every form kafkajs gives it', () => {
    expect(isFenced(protocol('INVALID_PRODUCER_EPOCH'))).toBe(true);
    expect(isFenced(protocol('KAFKAJS_UNKNOWN_ERROR_CODE', 'Unknown error code 90'))).toBe(true);
    expect(isFenced(new Error('wrapped', { cause: protocol('INVALID_PRODUCER_EPOCH') }))).toBe(true);
    expect(isFenced(protocol('CONCURRENT_TRANSACTIONS'))).toBe(false);
  });

  test('no answer is kafka-unreachable, another answer kafka-failed, our own error itself', () => {
    expect(asSluiceError(new KafkaJSConnectionError('refused'), ['b:1'])).toMatchObject({ code: 'kafka-unreachable' });
    expect(asSluiceError(new Error('Broker not connected'), ['b:1'])).toMatchObject({
      code: 'kafka-unreachable',
      reason: expect.stringContaining('took the connection and gave no answer') as string,
    });
    expect(asSluiceError(protocol('KAFKA_STORAGE_ERROR'), ['b:1'])).toMatchObject({ code: 'kafka-failed' });
    const own = new SluiceError('partition-counts-differ', {});
    expect(asSluiceError(new Error('wrapped', { cause: own }), [])).toBe(own);
    expect(isHopeless(new Error('wrapped', { cause: own }))).toBe(true);
  });

  test('what only the operator can change is an error of the config, with a remedy of its own', () => {
    const named = (name: string) => Object.assign(new Error(name), { name });
    const found = [
      named('KafkaJSSASLAuthenticationError'),
      protocol('TOPIC_AUTHORIZATION_FAILED'),
      protocol('GROUP_AUTHORIZATION_FAILED'),
      protocol('CLUSTER_AUTHORIZATION_FAILED'),
      protocol('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
      protocol('MESSAGE_TOO_LARGE'),
      protocol('INVALID_TRANSACTION_TIMEOUT'),
      Object.assign(new Error('of several'), { errors: [protocol('OFFSET_METADATA_TOO_LARGE')] }),
    ].map((thrown) => asSluiceError(new Error('wrapped', { cause: thrown }), ['b:1']));
    expect(found.map(({ code }) => code)).toEqual([
      'kafka-authentication',
      'kafka-not-authorised',
      'kafka-not-authorised',
      'kafka-not-authorised',
      'kafka-not-authorised',
      'record-too-large',
      'kafka-refused',
      'kafka-refused',
    ]);
    for (const error of found) expect([error.code, error.class]).toEqual([error.code, 'config']);
  });

  test('an error that is its own cause ends the search', () => {
    const circular = new Error('round') as Error & { cause: unknown };
    circular.cause = circular;
    expect(isFenced(circular)).toBe(false);
  });
});

test('what kafkajs retries is not logged above debug; a crash is', () => {
  const lines: string[] = [];
  const push = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log = kafkaLogCreator({ debug: push('debug'), info: push('info'), warn: push('warn'), error: push('error') })(
    logLevel.INFO,
  );
  const entry = (namespace: string, message: string) => ({
    namespace,
    level: logLevel.ERROR,
    label: 'ERROR',
    log: { timestamp: '', logger: 'kafkajs', message } as never,
  });
  log(entry('Connection', 'Response GroupCoordinator'));
  log(entry('Consumer', 'Crash: KafkaJSError: no'));
  expect(lines).toEqual(['debug Response GroupCoordinator', 'warn Crash: KafkaJSError: no']);
});

test('a SASL password that is not in the environment is a config error that names the variable', () => {
  const config = configSchema.parse({
    transport: {
      kind: 'kafka',
      tls: true,
      sasl: { mechanism: 'scram-sha-512', username: 'u', passwordEnv: 'NOT_SET_HERE' },
    },
  });
  const options = {
    application: 'a',
    transport: config.transport,
    topics: config.topics,
    logger: silentLogger,
    clock: systemClock,
  };
  expect(() => kafkaClient(options, {})).toThrow(/NOT_SET_HERE/);
  expect(() => kafkaClient(options, { NOT_SET_HERE: 'secret' })).not.toThrow();
});

test('created topics take the largest message, and only state topics are compacted', () => {
  const settings = (role: 'training' | 'checkpoints' | 'pool') =>
    Object.fromEntries(topicSettings(role).map(({ name, value }) => [name, value]));
  expect(Number(settings('training')['max.message.bytes'])).toBeGreaterThan(4_194_304);
  expect(settings('training')['cleanup.policy']).toBeUndefined();
  expect(settings('checkpoints')['cleanup.policy']).toBe('compact');
  expect(settings('checkpoints')['segment.bytes']).toBe('67108864');
  expect(settings('pool')).toMatchObject({ 'retention.ms': '-1', 'retention.bytes': '268435456' });
  expect(settings('pool')['cleanup.policy']).toBeUndefined();
});
