import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noMetrics, RecordingLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { describeFeatures } from '../../src/app/describe.js';
import { EncoderChoice, withRecordedEncoder } from '../../src/app/encoder-choice.js';
import { resetApplication } from '../../src/app/reset.js';
import { runSluice } from '../../src/app/run.js';
import { openCodecs } from '../../src/app/wire.js';
import { sendEvents } from '../../src/adapters/event-files/index.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { Config } from '../../src/config/schema.js';
import { type Application, embedded, resetDeps, World } from './fixture.js';

const CHINESE = ['红色连衣裙', '电动螺丝刀', '男士跑步鞋', '笔记本电脑', '儿童雨衣'];
const ENGLISH = ['red dress', 'electric screwdriver', 'running shoes', 'laptop 15 inch', 'raincoat for kids'];

const BEGIN_MS = Date.UTC(2026, 0, 1);
let minutes = 0;

/** Impression lists that show these titles, one a minute, later than all before them. */
function listsOf(titles: readonly (string | undefined)[]): object[] {
  return titles.map((title) => {
    minutes++;
    const items = [{ itemId: `item-${minutes}`, position: 1, ...(title === undefined ? {} : { title }) }];
    const sessionId = `session-${minutes}`;
    const query = title === undefined ? {} : { query: title };
    return {
      requestId: `r${minutes}`,
      eventTimeMs: BEGIN_MS + minutes * 60_000,
      surface: 'SEARCH',
      sessionId,
      items,
      ...query,
    };
  });
}

/** The feature set under an encoder that is named. */
async function featureSetUnder(config: Config, model: string): Promise<string> {
  const { featureSetId } = await describeFeatures({ ...config, encoder: { ...config.encoder, model } });
  return featureSetId;
}

const setsOf = async (application: Application): Promise<Set<unknown>> =>
  new Set([...(await application.samples()).values()].map(({ featureSetId }) => featureSetId));

describe('the choice of the encoder by the first texts', () => {
  const world = new World(embedded, {
    encoder: { threads: 1, cachePath: '' },
    selection: { budget: 1 },
    join: { attributionWindowMs: 500, allowedLatenessMs: 100, idleTimeoutMs: 200 },
    topics: { partitions: 2 },
  });
  let [english, chinese] = ['', ''];
  beforeAll(async () => {
    const { config } = world.application();
    [english, chinese] = [await featureSetUnder(config, 'builtin-en'), await featureSetUnder(config, 'builtin-zh')];
  });
  afterAll(() => world.remove());

  it('is told apart in the name of the feature set, and English has the name that it had', async () => {
    expect(english).not.toBe(chinese);
    expect(await featureSetUnder(world.application().config, 'builtin')).toBe(english);
  });

  it('is Chinese for Chinese titles, is said once with the reason, and stays when English ones follow', async () => {
    const application = world.application();
    const logger = new RecordingLogger();
    await application.runToEnd(world.events(listsOf(CHINESE), []), { logger });
    const said = logger.lines.filter(({ message }) => message === 'text encoder chosen');
    expect(said).toHaveLength(1);
    expect(said[0]!.fields).toMatchObject({ model: 'builtin-zh' });
    expect(String(said[0]!.fields['why'])).toMatch(/of the first 5 texts .* unknown/);
    expect(await setsOf(application)).toEqual(new Set([chinese]));

    const later = new RecordingLogger();
    await application.runToEnd(world.events(listsOf([...ENGLISH, ...ENGLISH]), []), { logger: later });
    expect(later.messages('info')).not.toContain('text encoder chosen');
    const samples = await application.samples();
    expect(samples.size).toBe(15);
    expect(await setsOf(application)).toEqual(new Set([chinese]));
  });

  it('is English for English titles, and stays when Chinese ones follow', async () => {
    const application = world.application();
    await application.runToEnd(world.events(listsOf(ENGLISH), []));
    await application.runToEnd(world.events(listsOf([...CHINESE, ...CHINESE, ...CHINESE]), []));
    expect(await setsOf(application)).toEqual(new Set([english]));
  });

  it('is English for an application that has state of a release without a choice', async () => {
    const application = world.application();
    const before = { ...application.config, encoder: { ...application.config.encoder, model: 'builtin-en' } };
    await run(before, { eventsDir: world.events(listsOf(ENGLISH), []) });
    await application.runToEnd(world.events(listsOf([...CHINESE, ...CHINESE]), []));
    expect(await setsOf(application)).toEqual(new Set([english]));
  });

  it('an encoder named in the config is taken, whatever was chosen', async () => {
    const application = world.application();
    await application.runToEnd(world.events(listsOf(ENGLISH), []));
    const named = { ...application.config, encoder: { ...application.config.encoder, model: 'builtin-zh' } };
    await run(named, { eventsDir: world.events(listsOf(ENGLISH), []) });
    expect(await setsOf(application)).toEqual(new Set([english, chinese]));
  });

  it('verbs that name the feature set go by the choice on record', async () => {
    const application = world.application();
    await application.runToEnd(world.events(listsOf(CHINESE), []));
    const { model } = await application.withTransport(async (transport) => {
      const { encoder } = await withRecordedEncoder(application.config, transport);
      return encoder;
    });
    expect(model).toBe('builtin-zh');
  });

  it('waits for the first text of a live stream; a run that began otherwise begins anew, and loses and doubles nothing', async () => {
    const application = world.application();
    const stop = new AbortController();
    const logger = new RecordingLogger();
    const health = createHealthBoard(systemClock);
    const running = run(application.config, { untilEnd: false, signal: stop.signal, logger, health });
    await until(() => health.current.state === 'running');
    await application.withTransport((transport) =>
      sendEvents(world.events(listsOf([undefined, undefined]), []), transport),
    );
    await application.withTransport((transport) =>
      sendEvents(world.events(listsOf([...CHINESE, ...CHINESE]), []), transport),
    );
    await until(async () => (await application.samples()).size >= 12);
    stop.abort();
    await running;
    expect(logger.messages('info').filter((message) => message === 'text encoder chosen')).toHaveLength(1);
    expect(logger.messages('error')).toEqual([]);
    expect(health.current.state).toBe('stopped');
    const samples = [...(await application.samples()).values()];
    expect(samples).toHaveLength(12);
    const ofLast = samples.filter(({ requestId }) => Number(String(requestId).slice(1)) > minutes - 10);
    expect(new Set(ofLast.map(({ featureSetId }) => featureSetId))).toEqual(new Set([chinese]));
  });

  it('a restart before the first text has not settled anything', async () => {
    const application = world.application();
    await application.runToEnd(world.events(listsOf([undefined, undefined, undefined]), []));
    await application.runToEnd(world.events(listsOf([...CHINESE, ...CHINESE]), []));
    const samples = [...(await application.samples()).values()];
    expect(new Set(samples.slice(-10).map(({ featureSetId }) => featureSetId))).toContain(chinese);
  });

  it('a reset gives the choice up with the state', async () => {
    const application = world.application();
    await application.runToEnd(world.events(listsOf(ENGLISH), []));
    await application.withTransport((transport) => resetApplication(application.config, transport, 'end', resetDeps()));
    await application.withTransport(async (transport) => {
      const { encoder } = await withRecordedEncoder(application.config, transport);
      expect(encoder.model).toBe('builtin');
    });
  });
});

describe('instances that choose at the same time', () => {
  const world = new World(embedded, { encoder: { threads: 1, cachePath: '' } });
  afterAll(() => world.remove());

  it('take the first choice in the topic, whatever each of them saw', async () => {
    const application = world.application();
    const { config } = application;
    await application.withTransport(async (transport) => {
      const choiceOf = (): EncoderChoice => {
        const deps = { transport, logger: new RecordingLogger(), clock: systemClock, untilEnd: true };
        const codecs = openCodecs(config, { logger: deps.logger, clock: systemClock });
        const { signal } = new AbortController();
        return new EncoderChoice(config, { ...deps, signal }, () => ({ codecs, mapping: undefined }));
      };
      const outcomes = await Promise.allSettled([
        choiceOf().atFirstText(ENGLISH),
        choiceOf().atFirstText(CHINESE),
        choiceOf().atFirstText(CHINESE),
        choiceOf().atFirstText(ENGLISH),
      ]);
      const { encoder } = await withRecordedEncoder(config, transport);
      const isChinese = encoder.model === 'builtin-zh';
      for (const outcome of outcomes) {
        expect(outcome.status).toBe(isChinese ? 'rejected' : 'fulfilled');
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'encoder-chosen' });
      }
      const late = choiceOf().atFirstText(isChinese ? ENGLISH : CHINESE);
      await (isChinese ? expect(late).rejects.toMatchObject({ code: 'encoder-chosen' }) : late);
    });
  });
});

function run(config: Config, options: Partial<Parameters<typeof runSluice>[1]>): ReturnType<typeof runSluice> {
  return runSluice(config, {
    untilEnd: true,
    signal: new AbortController().signal,
    logger: new RecordingLogger(),
    metrics: noMetrics,
    health: createHealthBoard(systemClock),
    ...options,
  });
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(50, new AbortController().signal);
}
