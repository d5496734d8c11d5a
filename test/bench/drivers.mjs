/**
 * What a second Kafka driver would bring and lack, against a real broker, beside kafkajs (decision 145):
 *
 *   npm install --prefix /tmp/driver @platformatic/kafka@1.35.0
 *   node scripts/kafka.mjs start
 *   node test/bench/drivers.mjs 127.0.0.1:19092 /tmp/driver
 *
 * Prints which records of aborted transactions a committed reader gets, what a transaction leaves of offset and metadata,
 * whether a commit of an older generation is refused (KIP-447), and how fast one partition is read.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import kafkajs from 'kafkajs';

const [broker = '127.0.0.1:19092', folder = '/tmp/driver'] = process.argv.slice(2);
const { Consumer, Producer } = await import(
  createRequire(join(resolve(folder), 'package.json')).resolve('@platformatic/kafka')
);
const MESSAGES = 200_000;
const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
const admin = kafka.admin();
const name = (what) => `${what}-${Date.now()}`;
const within = (promise, ms) => Promise.race([promise, new Promise((done) => setTimeout(done, ms))]);

const consumerOf = (groupId) =>
  new Consumer({ clientId: 'drivers', groupId, bootstrapBrokers: [broker], sessionTimeout: 10_000 });
const READ = { autocommit: false, mode: 'earliest', isolationLevel: 1, maxWaitTime: 100 };

async function readByPlatformatic(topic, take) {
  const consumer = consumerOf(name('reader'));
  const stream = await consumer.consume({ ...READ, topics: [topic] });
  for await (const { value } of stream) if (take(value)) break;
  await within(consumer.close(true), 5_000);
}

async function readByKafkajs(topic, take) {
  const consumer = kafka.consumer({ groupId: name('reader') });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise((done) => {
    const eachBatch = async ({ batch }) => {
      for (const { value } of batch.messages) if (take(value)) done();
    };
    void consumer.run({ autoCommit: false, eachBatch });
  });
  await consumer.disconnect();
}

const READERS = { kafkajs: readByKafkajs, '@platformatic/kafka': readByPlatformatic };

await admin.connect();
{
  const topic = name('aborted');
  await admin.createTopics({ topics: [{ topic }] });
  const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const value of ['lost-1', 'kept-1', 'lost-2', 'kept-2']) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value }] });
    await (value.startsWith('kept') ? transaction.commit() : transaction.abort());
  }
  await producer.disconnect();
  for (const [driver, read] of Object.entries(READERS)) {
    const found = [];
    await read(topic, (value) => found.push(String(value)) > 0 && String(value) === 'kept-2');
    console.log(`${driver}: committed records are ${found.join(', ')} (expected kept-1, kept-2)`);
  }
}
{
  const [topic, out] = [name('in'), name('out')];
  await admin.createTopics({ topics: [{ topic }, { topic: out }] });
  const first = kafka.producer();
  await first.connect();
  await first.send({ topic, messages: [{ value: 'a' }] });
  const groupId = name('group');
  const consumer = consumerOf(groupId);
  const stream = await consumer.consume({ ...READ, topics: [topic] });
  const { value: message } = await stream[Symbol.asyncIterator]().next();
  const producer = new Producer({
    clientId: 'drivers',
    bootstrapBrokers: [broker],
    transactionalId: out,
    idempotent: true,
  });
  const begin = async (value) => {
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: [{ topic: out, value: Buffer.from(value) }] });
    await transaction.addConsumer(consumer);
    return transaction;
  };
  const whole = await begin('one');
  await whole.addOffset(message);
  await whole.commit();
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
  console.log(
    `@platformatic/kafka: a transaction left offset ${partitions[0].offset}, metadata ${partitions[0].metadata}`,
  );
  const stale = { ...message.metadata.consumer, generationId: message.metadata.consumer.generationId - 1 };
  const zombie = await begin('zombie');
  const verdict = await zombie.addOffset({ ...message, metadata: { consumer: stale } }).then(
    () => 'taken',
    (error) => `refused: ${error.errors?.[0]?.message ?? error.message}`,
  );
  console.log(`@platformatic/kafka: a commit of an older generation is ${verdict}`);
}
{
  const topic = name('speed');
  await admin.createTopics({ topics: [{ topic }] });
  const producer = kafka.producer();
  await producer.connect();
  const value = 'sessions and clicks '.repeat(45);
  for (let sent = 0; sent < MESSAGES; sent += 1_000)
    await producer.send({ topic, messages: Array.from({ length: 1_000 }, () => ({ value })) });
  for (const [driver, read] of [...Object.entries(READERS), ...Object.entries(READERS)]) {
    let count = 0;
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    await read(topic, () => ++count === MESSAGES);
    const { user, system } = process.cpuUsage(cpu);
    const perSecond = Math.round((count / (performance.now() - began)) * 1_000);
    console.log(`${driver}: ${perSecond} messages/s, ${((user + system) / count).toFixed(1)} µs of CPU each`);
  }
}
process.exit(0);
