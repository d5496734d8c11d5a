import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeadLetters } from '../../src/app/dead-letters.js';
import { parsePatch } from '../../src/app/json-patch.js';
import { requeueDeadLetters, type Requeued, type RequeueOptions } from '../../src/app/requeue.js';
import { summariseDeadLetters } from '../../src/app/summarise-dead-letters.js';
import { deadLetterToRecord } from '../../src/pipeline/route/dead-letter-record.js';
import { type Application, embedded, World } from './fixture.js';

const T0 = Date.UTC(2026, 0, 5);
const list = (requestId: string, rest: object = {}): object => ({
  requestId,
  eventTimeMs: T0,
  surface: 'SEARCH',
  sessionId: 's',
  items: [{ itemId: 'a', position: 1 }],
  ...rest,
});

describe('dead letters that are worked through', () => {
  const world = new World(embedded, { selection: { scorer: 'uniform', budget: 1, auditFraction: 0 } });
  let application: Application;
  const requeue = (options: RequeueOptions): Promise<Requeued> =>
    application.withTransport((transport) => requeueDeadLetters(transport, application.config.topics, options));
  const letters = () => application.withTransport((transport) => readDeadLetters(transport));

  beforeAll(async () => {
    application = world.application();
    const broken = [1, 2, 3].map((n) => list(`r${n}`, { surface: 'SERACH' }));
    await application.runToEnd(world.events([...broken, list('r4', { items: [{ itemId: '', position: 1 }] })], []));
  });
  afterAll(() => world.remove());

  it('are summed up by code, stage and field, with what to do', async () => {
    const kinds = summariseDeadLetters(await letters());
    expect(kinds).toMatchObject([
      { code: 'invalid-field', stage: 'clean', field: 'surface', messages: 3, refused: 3, requeued: 0 },
      { code: 'missing-field', stage: 'clean', messages: 1 },
    ]);
    for (const { remedy, firstMs, lastMs } of kinds) {
      expect(remedy).not.toBeNull();
      expect(firstMs).toBeLessThanOrEqual(lastMs);
    }
  });

  it('a requeue sends each once, and a second one sends nothing twice, refused again or not', async () => {
    expect(await requeue({ filter: {}, isDry: true })).toMatchObject({ sent: 4 });
    expect(await requeue({ filter: {} })).toMatchObject({ sent: 4, sentBefore: 0 });
    expect(await requeue({ filter: {} })).toMatchObject({ sent: 0, sentBefore: 4 });
    await application.runToEnd();
    expect(await letters()).toHaveLength(8);
    expect(await requeue({ filter: {} })).toMatchObject({ sent: 0, sentBefore: 4 });
    expect((await letters()).every(({ isRequeued }) => isRequeued)).toBe(true);
    expect(await requeue({ filter: {}, again: true, isDry: true })).toMatchObject({ sent: 4, repeated: 4 });
  });

  it('a letter of a whole batch is passed over and told; the others go out', async () => {
    const facts = {
      stage: 'decode',
      sourceTopic: 'sluice.impressions',
      sourcePartition: 0,
      sourceOffset: 9,
      sourceTimeMs: 1,
    };
    for (const code of ['batch-damaged', 'batch-too-large']) {
      const part = { code, reason: 'a batch of 3 messages, offsets 7 to 9', itemIndex: null };
      const payload = Buffer.from('its first bytes');
      const whole = { payloadBytes: 900_000, payloadSha256: 'ab'.repeat(32) };
      const letter = { ...facts, ...part, refused: [part], refusedCount: 1, payload, ...whole, key: null };
      await application.withTransport((transport) =>
        transport.append([{ topic: 'dead-letters', partition: 0, ...deadLetterToRecord(letter) }]),
      );
    }
    expect(await requeue({ filter: {}, again: true, isDry: true })).toMatchObject({ sent: 4, batches: 2 });
    expect(await requeue({ filter: { code: 'batch-damaged' } })).toMatchObject({ sent: 0, batches: 1 });
  });

  it('a limit takes the oldest, a time what was written since', async () => {
    expect(await requeue({ filter: { limit: 2 }, again: true, isDry: true })).toMatchObject({ sent: 2 });
    const since = (sinceMs: number) =>
      application.withTransport((transport) => readDeadLetters(transport, { sinceMs, limit: 3 }));
    expect(await since(0)).toHaveLength(3);
    expect(await since(Date.UTC(2200, 0))).toEqual([]);
  });

  it('a patch mends them first, and what it changed is shown', async () => {
    const patch = parsePatch('[{"op":"replace","path":"/surface","value":"SEARCH"}]');
    const { sent, changes } = await requeue({ filter: { code: 'invalid-field' }, again: true, patch });
    expect(sent).toBe(3);
    expect(changes.map((one) => one.changes)).toEqual(
      Array.from({ length: 3 }, () => [{ path: '/surface', before: 'SERACH', after: 'SEARCH' }]),
    );
    const before = (await letters()).length;
    const { samples, impressions } = await application.runToEnd();
    expect(await letters()).toHaveLength(before);
    expect(samples.kept).toBe(3);
    expect(impressions.deadLettered).toBe(8);
  });

  it('a patch that does not fit one of them sends none', async () => {
    const patch = parsePatch('[{"op":"test","path":"/requestId","value":"r1"}]');
    const ends = () => application.withTransport((transport) => transport.endOffsets('impressions'));
    const before = await ends();
    await expect(requeue({ filter: {}, again: true, patch })).rejects.toMatchObject({ code: 'patch-not-applicable' });
    expect(await ends()).toEqual(before);
  });
});
