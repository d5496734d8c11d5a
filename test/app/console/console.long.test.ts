import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  ExplainView,
  FlowView,
  Frame,
  ModelsView,
  ModelView,
  ProofView,
  Refusal,
  SelectionView,
} from '../../../src/console/api.js';
import { describePipeline } from '../../../src/app/describe-pipeline.js';
import { Scrape } from '../scrape.js';
import { type ConsoleLife, startLife, WIDE } from './console-life.js';

describe('the API of the console', { timeout: 300_000 }, () => {
  let life: ConsoleLife;
  beforeAll(async () => {
    life = await startLife();
    await life.settled();
  }, 300_000);
  afterAll(() => life.close());

  const scrape = async (): Promise<Scrape> => new Scrape(await (await fetch(`${life.url}/metrics`)).text());

  test('shows the stages of the code, with what the scrape says of each', async () => {
    const flow = await life.get<FlowView>('/api/flow');
    expect(flow.stages.map(({ name }) => name)).toEqual(describePipeline().map(({ name }) => name));
    const now = await scrape();
    for (const { name, refused, errors } of flow.stages) {
      expect(refused).toBe(now.sum('sluice_stage_records_total', { stage: name, direction: 'refused' }));
      expect(errors).toBe(now.sum('sluice_stage_errors_total', { stage: name }));
    }
    expect(flow.stages.some(({ refused }) => refused > 0)).toBe(true);
    for (const { topic, records } of [...flow.inputs])
      expect(records).toBe(now.sum('sluice_input_records_total', { topic }));
    for (const { topic, records } of flow.outputs)
      expect(records).toBe(now.sum('sluice_output_records_total', { topic }));
  });

  test('shows every partition with its owner, its watermark, its lag and what it holds open', async () => {
    const flow = await life.get<FlowView>('/api/flow');
    const now = await scrape();
    expect(flow.partitionCount).toBe(life.partitionCount);
    expect(flow.partitions.map(({ partition }) => partition)).toEqual([0, 1]);
    for (const one of flow.partitions) {
      const labels = { partition: String(one.partition) };
      expect(one).toMatchObject({ state: 'working', lagRecords: { impressions: 0, interactions: 0 } });
      expect(one.owner).not.toBe('');
      expect(one.watermarkMs).toBeGreaterThan(0);
      expect(one.openImpressions).toBe(now.sum('sluice_open_impressions', labels));
      expect(one.orderWaiting).toBe(now.sum('sluice_order_waiting_records', labels));
    }
    const open = flow.partitions.reduce((sum, { openImpressions }) => sum + openImpressions, 0);
    expect(flow.waiting.join.count).toBe(open);
  });

  test('shows the selection as the counters have it, and the newest threshold of each partition', async () => {
    const { total, thresholds, budget } = await life.get<SelectionView>('/api/selection');
    const now = await scrape();
    const fate = (name: string): number => now.sum('sluice_samples_total', { fate: name });
    expect([total.kept, total.audit, total.dropped]).toEqual([fate('kept'), fate('audit'), fate('dropped')]);
    expect(total.seen).toBe(total.kept + total.audit + total.dropped);
    expect(total.seen).toBeGreaterThan(10_000);
    expect(total.keptShare).toBe(total.kept / (total.seen - total.audit));
    expect(budget).toBe(0.4);
    expect(Math.abs(total.weightRatio! - 1)).toBeLessThan(6 * total.weightError!);
    for (const { partition, threshold } of thresholds)
      expect(threshold).toBe(now.sum('sluice_selection_threshold', { partition: String(partition) }));
    expect(thresholds).toHaveLength(life.partitionCount);
  });

  test('shows the proofs, and says what to do', async () => {
    const { isHere, isEnabled, proofs, advice } = await life.get<ProofView>('/api/proof');
    expect([isHere, isEnabled]).toEqual([true, true]);
    expect(advice).not.toBe('');
    const newest = proofs.flatMap(({ proof }) => (proof.status === 'proved' ? proof : [])).at(-1)!;
    const now = await scrape();
    expect(newest.auc.difference.mean).toBe(now.sum('sluice_curation_auc_difference', { bound: 'mean' }));
    expect(newest.normalisedEntropy.difference.upper).toBe(
      now.sum('sluice_curation_normalised_entropy_difference', { bound: 'upper' }),
    );
  });

  test('shows every snapshot, and one of them beside the champion', async () => {
    const { models, champion } = await life.get<ModelsView>('/api/models');
    expect(models.length).toBeGreaterThan(0);
    expect(models.filter(({ isChampion }) => isChampion).map(({ version }) => version)).toEqual([champion]);
    const created = models.map(({ createdAtMs }) => createdAtMs);
    expect(created).toEqual([...created].sort((a, b) => b - a));
    const view = await life.get<ModelView>(`/api/models/${models.at(-1)!.version}`);
    expect(view.model).toEqual(models.at(-1));
    expect(view.candidate?.reliability?.length).toBeGreaterThan(1);
    const gains = view.columns.map(({ gain }) => gain);
    expect(gains).toEqual([...gains].sort((a, b) => b - a));
    expect(gains.reduce((sum, gain) => sum + gain, 0)).toBeCloseTo(1, 5);
    expect((await fetch(`${life.url}/api/models/none`)).status).toBe(404);
  });

  test('explains what a request, or one of its samples, became', async () => {
    const request = await life.get<ExplainView>(`/api/explain?id=${encodeURIComponent(WIDE.requestId)}`);
    expect(request.matches.length).toBeGreaterThan(1);
    const [first] = request.matches;
    expect(request.sample).toMatchObject({ sampleId: first!.sampleId, requestId: WIDE.requestId, category: '女装' });
    const one = await life.get<ExplainView>(`/api/explain?id=${encodeURIComponent(first!.sampleId)}`);
    expect(one.sample).toEqual(request.sample);
    expect(one.matches).toEqual([first]);
  });

  test('says what is missing; a few searches wait for one another, more are refused', async () => {
    const unknown = await fetch(`${life.url}/api/explain?id=nobody`);
    expect(unknown.status).toBe(404);
    const { error, remedy } = (await unknown.json()) as Refusal;
    expect([error, remedy].every((text) => text.length > 10)).toBe(true);
    expect((await fetch(`${life.url}/api/explain`)).status).toBe(400);
    const searches = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fetch(`${life.url}/api/explain?id=nobody`)));
    expect(searches.map(({ status }) => status).sort()).toEqual([404, 404, 404, 404, 503, 503]);
    expect((await fetch(`${life.url}/api/explain?id=nobody`)).status).toBe(404);
  });

  test('serves the page whole: under 200 kB, nothing of it from elsewhere, and its policy lets nothing in', async () => {
    const answer = await fetch(life.url);
    const html = await answer.text();
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
    expect(html).toContain('id="console"');
    expect(html).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?!data:)/);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    for (const header of ['x-content-type-options', 'x-frame-options', 'referrer-policy'])
      expect(answer.headers.get(header), header).not.toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('changes nothing: only GET is answered', async () => {
    const paths = ['/', ...Object.keys(await life.get<Record<string, string>>('/api'))];
    for (const path of paths)
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
        expect((await fetch(`${life.url}${path.split('?')[0]}`, { method })).status, `${method} ${path}`).toBe(404);
  });

  test('a frame says who answers and how it is', async () => {
    const { run } = await life.get<Frame>('/api/frame');
    expect(run).toMatchObject({ transport: 'embedded', state: 'running', isReady: true, isAlive: true, reasons: [] });
    expect(run.champion?.version).toBe((await life.get<ModelsView>('/api/models')).champion);
  });
});
