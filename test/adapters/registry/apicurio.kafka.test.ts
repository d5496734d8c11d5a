import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistry, type RunningRegistry } from '../../../scripts/apicurio.mjs';
import { createCodecs, type Codecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { createSchemaRegistry } from '../../../src/adapters/registry/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { trainingSamples } from '../../laws/arbitraries.js';
import { canonical, decodeFetched } from '../../laws/codec-laws.js';

/** A real registry, not a fake of ours: needs Java, hence in the Kafka suite. */
let registry: RunningRegistry;
const dir = mkdtempSync(join(tmpdir(), 'sluice-apicurio-'));
beforeAll(async () => {
  registry = await startRegistry({ dir });
});
afterAll(async () => {
  await registry?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const clock = new ManualClock({ skipSleeps: true });

function codecs(prefix: string): Codecs {
  const { wire, topics } = configSchema.parse({
    topics: { prefix },
    wire: { inputFormat: 'confluent', outputFormat: 'confluent', registryUrl: registry.url },
  });
  return createCodecs({ wire, topics, clock, logger: new RecordingLogger() });
}

async function compatibilityOf(subject: string): Promise<unknown> {
  const response = await fetch(`${registry.url}/config/${subject}`);
  return ((await response.json()) as { compatibilityLevel?: unknown }).compatibilityLevel;
}

describe('a real schema registry', () => {
  test('what one process encodes another one decodes', async () => {
    const writer = codecs('one.');
    await writer.training.ready?.();
    const reader = codecs('one.');
    for (const sample of fc.sample(trainingSamples, 50)) {
      expect(canonical(await decodeFetched(reader.training, writer.training.encode(sample)))).toEqual(
        canonical(sample),
      );
    }
  });

  test('every schema of ours is accepted, under TOPIC-value, and accepted again', async () => {
    const { impressions, interactions, training, audit, late } = codecs('two.');
    for (const codec of [impressions, interactions, training, audit, late]) await codec.ready?.();
    await codecs('two.').training.ready?.();
    const response = await fetch(`${registry.url}/subjects/two.training-value/versions`);
    expect(await response.json()).toEqual([1]);
  });

  test('a new subject is backward compatible', async () => {
    await codecs('three.').audit.ready?.();
    expect(await compatibilityOf('three.audit-value')).toBe('BACKWARD');
  });

  test('a schema that breaks readers is refused with what is wrong', async () => {
    const client = createSchemaRegistry({ url: registry.url, clock, logger: new RecordingLogger() });
    const schema = (fields: object[]) => JSON.stringify({ type: 'record', name: 'A', fields });
    await client.register('broken-value', schema([]));
    await expect(client.register('broken-value', schema([{ name: 'a', type: 'string' }]))).rejects.toMatchObject({
      code: 'schema-incompatible',
    });
    await client.register('broken-value', schema([{ name: 'a', type: 'string', default: '' }]));
  });

  test('an id that nobody registered is null', async () => {
    expect(
      await createSchemaRegistry({ url: registry.url, clock, logger: new RecordingLogger() }).schemaById(4_000_000),
    ).toBeNull();
  });

  test('a schema id beyond 32 bits signed is asked for, not a crash', async () => {
    const codec = codecs('four.').training;
    const value = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]);
    await expect(decodeFetched(codec, value)).rejects.toMatchObject({ code: 'schema-unknown' });
  });
});
