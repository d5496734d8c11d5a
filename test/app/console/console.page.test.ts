import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compact, decimal, rate, share, signed, whole } from '../../../console/format.js';
import type { Frame, ModelsView, ModelView, ProofView, SelectionView } from '../../../src/console/api.js';
import type { WhyView } from '../../../src/console/why-api.js';
import { type ConsoleLife, startLife, WIDE } from './console-life.js';

const CHROMIUM = process.env.SLUICE_CHROMIUM ?? '/usr/bin/chromium';
const VIEWS = ['flow', 'selection', 'proof', 'models', 'explain'] as const;
const SETTLE_MS = 120_000;

describe('the console in a browser', { timeout: 300_000 }, () => {
  let browser: Browser;
  let life: ConsoleLife;
  let page: Page;
  /** What the browser complained about, and where the page went. */
  const complaints: string[] = [];
  const foreign: string[] = [];

  beforeAll(async () => {
    if (!existsSync(CHROMIUM))
      throw new Error(`there is no Chromium at ${CHROMIUM}: apt-get install chromium, or set SLUICE_CHROMIUM`);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    life = await startLife();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    page.setDefaultTimeout(SETTLE_MS);
    page.on(
      'console',
      (message) =>
        void (message.type() === 'error' || message.type() === 'warning' ? complaints.push(message.text()) : null),
    );
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => void (request.url().startsWith(`${life.url}/`) || foreign.push(request.url())));
    await page.goto(life.url);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await life?.close();
  });

  const go = async (view: string): Promise<void> => {
    await page.evaluate(`void (location.hash = ${JSON.stringify(view)})`);
    await page.locator(`#tab-${view.split('/')[0]}[aria-selected="true"]`).waitFor();
  };
  const textOf = async (selector: string): Promise<string> =>
    plain((await page.locator(selector).first().textContent()) ?? '');
  /** Waits until the page shows what the API says. */
  const shows = (selector: string, wanted: () => Promise<string>): Promise<void> =>
    expect
      .poll(
        async () => (await textOf(selector)) === plain(await wanted()) || [await textOf(selector), await wanted()],
        { timeout: SETTLE_MS, interval: 250 },
      )
      .toBe(true);

  test('it moves while traffic comes: rates on the edges, and the counters of the tiles', async () => {
    await expect
      .poll(async () => textOf('[data-number="impressionsPerSecond"]'), { timeout: SETTLE_MS, interval: 200 })
      .toMatch(/^[1-9]/);
    expect(await page.locator('svg .ripple').count()).toBeGreaterThan(0);
    await life.settled();
  });

  test('flow shows what the API says: every stage, every partition', async () => {
    await go('flow');
    const frame = (): Promise<Frame> => life.get<Frame>('/api/frame');
    const { flow } = await frame();
    const names = await page
      .locator('[data-stage]')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-stage')));
    expect(names).toEqual(flow.stages.map(({ name }) => name));
    expect(await page.locator('svg .rate').count()).toBe(flow.stages.length - 1 + 2 + 4);
    await shows(
      '[data-number="impressionsPerSecond"]',
      async () => `${rate((await frame()).flow.impressionsPerSecond)} /s`,
    );
    await shows('[data-number="waiting-join"]', async () => `${whole((await frame()).flow.waiting.join.count)} wait`);
    expect(await page.locator('[data-partition]').count()).toBe(life.partitionCount);
    for (const { partition, owner, openImpressions } of flow.partitions) {
      const row = await textOf(`[data-partition="${partition}"]`);
      expect(row).toContain(owner);
      expect(row).toContain(whole(openImpressions));
    }
    await page.locator('[data-stage="select"]').focus();
    await page.keyboard.press('Enter');
    const { does } = flow.stages.find(({ name }) => name === 'select')!;
    await page.locator('.detail', { hasText: does }).waitFor();
  });

  test('selection shows what the API says, by surface too', async () => {
    await go('selection');
    const selection = (): Promise<SelectionView> => life.get<SelectionView>('/api/selection');
    const { total, thresholds } = await selection();
    await shows('[data-number="keptShare"]', async () => share(total.keptShare));
    await shows(
      '[data-number="weightRatio"]',
      async () => `${decimal(total.weightRatio)} ± ${decimal(1.96 * total.weightError!)}`,
    );
    await shows('[data-number="threshold"]', async () => compact(thresholds[0]!.threshold));
    await shows('[data-number="audit"]', async () => `${whole(total.audit)} samples`);
    await shows('[data-number="positiveShare"]', async () => share(total.positive / total.seen, 2));
    expect(await page.locator('.u-over').count()).toBe(2);
  });

  test('proof shows the verdict, the advice and the newest difference', async () => {
    await go('proof');
    const { proofs, advice } = await life.get<ProofView>('/api/proof');
    const newest = proofs.flatMap(({ proof }) => (proof.status === 'proved' ? proof : [])).at(-1)!;
    await page.locator(`[data-verdict="${newest.verdict}"]`).waitFor();
    expect(await textOf('.verdict')).toContain(plain(advice));
    const auc = await textOf('[data-metric="AUC"]');
    for (const value of [decimal(newest.auc.curated), decimal(newest.auc.uniform), signed(newest.auc.difference.mean)])
      expect(auc).toContain(value);
  });

  test('models shows every snapshot; a chosen one with its reliability and its columns', async () => {
    await go('models');
    const { models } = await life.get<ModelsView>('/api/models');
    await page.locator(`[data-version="${models[0]!.version}"]`).waitFor();
    const versions = await page
      .locator('[data-version]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-version')));
    expect(versions).toEqual(models.slice(0, 12).map(({ version }) => version));
    const oldest = models.at(-1)!;
    const view = await life.get<ModelView>(`/api/models/${oldest.version}`);
    await page.locator(`[data-version="${oldest.version}"] button`).click();
    const detail = page.locator(`[data-model="${oldest.version}"]`);
    await detail.waitFor();
    expect(await detail.locator('svg circle').count()).toBe(view.candidate!.reliability!.length);
    expect(plain(await detail.locator('.bars').innerText())).toContain(view.columns[0]!.column);
    expect(plain(await detail.innerText())).toContain(decimal(view.candidate!.overall.auc));
    expect(await page.locator('.orders').count()).toBe(0);
    expect((await fetch(`${life.url}/api/control/drain`, { method: 'POST' })).status).toBe(404);
  });

  test('explain finds a request of wide characters, whole, and leads to its samples', async () => {
    await page.keyboard.press('/');
    await page.locator('input[type=search]').fill(WIDE.requestId);
    await page.keyboard.press('Enter');
    await page.locator('[data-sample]').waitFor();
    expect(await textOf('#view')).toContain(`${WIDE.category}, at position`);
    const link = page.locator('td a').nth(1);
    const sampleId = await link.innerText();
    expect(sampleId).toContain(WIDE.requestId);
    await link.click();
    await page.locator(`[data-sample="${sampleId}"]`).waitFor();
    await page.locator('input[type=search]').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByText('There is no sample nobody').waitFor();
    const { never } = await life.get<WhyView>('/api/why?id=nobody');
    await page.locator('[data-why="nobody"]', { hasText: never[0]! }).waitFor();
    const { fates } = await life.get<WhyView>(`/api/why?id=${encodeURIComponent(WIDE.requestId)}`);
    expect(fates).toHaveLength(20);
    await go(`explain/${encodeURIComponent(WIDE.requestId)}`);
    await page.getByRole('button', { name: 'What became of the rest of it' }).click();
    const told = page.locator(`[data-why="${WIDE.requestId}"]`);
    await told.waitFor();
    for (const { head, sentences } of fates)
      expect(plain(await told.innerText())).toContain(plain(`${head} ${sentences.join(' ')}`));
    expect(fates.some(({ sentences }) => /dropped/i.test(sentences.join()))).toBe(true);
    // The browser says of every 404 that it was one.
    expect(complaints.splice(0).filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('keys lead from view to view, and tabs are moved along by arrows', async () => {
    await page.locator('h1').click();
    for (const [at, view] of VIEWS.slice(0, 4).entries()) {
      await page.keyboard.press(String(at + 1));
      await page.locator(`#tab-${view}[aria-selected="true"]`).waitFor();
    }
    await page.locator('#tab-models').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('#tab-proof[aria-selected="true"]').waitFor();
  });

  test.each(['light', 'dark'] as const)('on a telephone, %s, no view is wider than the screen', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const view of VIEWS) {
      await go(view);
      await page.locator('.question').waitFor();
      await page.waitForTimeout(300);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width, view).toBeLessThanOrEqual(390);
    }
    const styleOf = (name: string): Promise<string> => page.evaluate<string>(`getComputedStyle(document.body).${name}`);
    const [ground, ink] = [await styleOf('backgroundColor'), await styleOf('color')];
    expect(lightness(ground) > lightness(ink)).toBe(colorScheme === 'light');
  });

  test('nothing was complained about, and no request left the page’s origin', () => {
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
  });

  test('when the run has ended, the page says that its numbers are the last ones', async () => {
    await life.close();
    await page.locator('.link', { hasText: 'these are the last numbers' }).waitFor();
    expect(await page.locator('.question').count()).toBe(1);
  });
});

/** One line, one kind of space. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Of `rgb(…)`, 0 to 255. */
function lightness(colour: string): number {
  const parts = [...colour.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return (parts[0]! + parts[1]! + parts[2]!) / 3;
}
