import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeFeatures } from '../../src/app/describe.js';
import { brokers } from '../adapters/kafka/fixture.js';
import { type Application, type Place, type Row, World } from '../app/fixture.js';
import { pythonWith } from '../learn/learners/python.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const python = pythonWith('confluent_kafka', 'fastavro', 'numpy');
const kafka: Place = (name) => {
  const application = `${name}-${randomUUID().slice(0, 8)}`;
  return { application, transport: { kind: 'kafka', brokers: brokers() }, topics: { prefix: `${application}.` } };
};

/** Prints what the client read of a topic, a row each, numbers as Python spells them. */
const SCRIPT = `
import json, sys
import numpy as np
import sluice
given = json.loads(sys.argv[1])
samples = sluice.read_topic(given.pop("brokers"), given.pop("topic"), **given)
print(json.dumps({
    "names": samples.feature_names,
    "dtype": str(samples.features.dtype),
    "rows": [{
        "sampleId": samples.sample_id[i], "label": int(samples.label[i]), "offset": float(samples.offset[i]),
        "weight": float(samples.weight[i]), "probability": float(samples.probability[i]), "fold": int(samples.fold[i]),
        "timeMs": int(samples.event_time_ms[i]), "price": float(samples["carried.items.price"][i]),
        "features": [None if np.isnan(x) else float(x) for x in samples.features[i]],
    } for i in range(len(samples))],
}))
`;

const SHOWN_MS = Date.UTC(2026, 0, 5);
const lists = Array.from({ length: 40 }, (_, list) => ({
  requestId: `r${list}`,
  eventTimeMs: SHOWN_MS + list * 10_000,
  surface: 'SEARCH',
  sessionId: `s${list % 7}`,
  items: [1, 2, 3].map((position) => ({ itemId: `i${list}-${position}`, position, price: list + position / 8 })),
}));
const clicks = lists
  .filter((_, list) => list % 3 === 0)
  .map(({ requestId, eventTimeMs, sessionId, items }, at) => ({
    interactionId: `c${at}`,
    eventTimeMs: eventTimeMs + 1_000,
    type: 'CLICK',
    sessionId,
    requestId,
    itemId: items[1]!.itemId,
  }));

describe.skipIf(python === undefined).each(['json', 'avro'] as const)('read_topic of clients/python, %s', (format) => {
  const world = new World(kafka, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    topics: { partitions: 2 },
    wire: { outputFormat: format },
    output: { carry: ['items.price'] },
    selection: { budget: 0.5, auditFraction: 0.2 },
  });
  let application: Application;
  let topic = '';
  let rows: readonly Row[] = [];
  const schema = format === 'avro' ? { schema: here('../../schemas/TrainingSample.avsc') } : {};

  const read = async (more: object = {}) => {
    const given = { brokers: brokers(), topic, features: join(world.folder, 'features.json'), ...schema, ...more };
    const env = { ...process.env, PYTHONPATH: here('../../clients/python/src') };
    const { stdout } = await promisify(execFile)(python!, ['-c', SCRIPT, JSON.stringify(given)], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout) as { names: string[]; dtype: string; rows: Record<string, unknown>[] };
  };

  beforeAll(async () => {
    application = world.application();
    await application.runToEnd(world.events(lists, clicks));
    rows = await application.rows('training');
    topic = `${application.config.topics.prefix}training`;
    writeFileSync(join(world.folder, 'features.json'), JSON.stringify(await describeFeatures(application.config)));
  });
  afterAll(() => world.remove());

  it('gives every row with label, offset, weight, fold, time, carried fields and named features', async () => {
    const found = await read();
    expect(rows.length).toBeGreaterThan(20);
    expect(found.dtype).toBe('float32');
    expect(found.names).toEqual((await describeFeatures(application.config)).columns.map(({ name }) => name));
    const byId = new Map(found.rows.map((row) => [row['sampleId'], row]));
    expect([found.rows.length, byId.size]).toEqual([rows.length, rows.length]);
    for (const row of rows)
      expect(byId.get(row.sampleId)).toEqual({
        sampleId: row.sampleId,
        label: row.label,
        offset: row['logOddsOffset'],
        weight: row['importanceWeight'],
        probability: row['inclusionProbability'],
        fold: row['fold'],
        timeMs: row['eventTimeMs'],
        price: (row['carried'] as Record<string, unknown>)['items.price'],
        features: row.features.map((value) => (value === null ? null : Math.fround(value))),
      });
    expect(new Set(rows.map((row) => row['fold'])).size).toBe(2);
  });

  it('stops at a limit, and never gives what was not committed', async () => {
    expect((await read({ limit: 7 })).rows.length).toBe(7);
    const client = new Kafka({ brokers: brokers().split(','), logLevel: logLevel.NOTHING });
    const producer = client.producer({ transactionalId: `${topic}-aborted`, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: 'x', value: 'no sample' }] });
      await transaction.abort();
    } finally {
      await producer.disconnect();
    }
    expect((await read()).rows.length).toBe(rows.length);
  });

  it('says so where there is no such topic, and where nobody answers', async () => {
    await expect(read({ topic: `${topic}-absent` })).rejects.toThrow(/LookupError: .*-absent/);
    await expect(read({ brokers: '127.0.0.1:1', timeout: 1 })).rejects.toThrow(/TimeoutError: 127.0.0.1:1/);
  });
});
