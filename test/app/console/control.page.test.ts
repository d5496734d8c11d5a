import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelsView } from '../../../src/console/api.js';
import { type ConsoleLife, startLife } from './console-life.js';

const CHROMIUM = process.env.SLUICE_CHROMIUM ?? '/usr/bin/chromium';
const TOKEN = 'a token of the tests';
const PATIENCE_MS = 120_000;

describe('the Models view where http.control is on', { timeout: 300_000 }, () => {
  let browser: Browser;
  let life: ConsoleLife;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    life = await startLife(TOKEN);
    await life.settled();
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${life.url}/#models`);
    await page.locator('.orders').waitFor();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await life?.close();
  });

  const models = () => life.get<ModelsView>('/api/models');
  const button = (name: string | RegExp) => page.locator('.orders').getByRole('button', { name });

  test('nothing can be asked without a token and a reason; a wrong token changes nothing', async () => {
    const { champion } = await models();
    expect(await button(/^Pin/).isDisabled()).toBe(true);
    await page.locator('input[name=token]').fill('some other token');
    expect(await button(/^Pin/).isDisabled()).toBe(true);
    await page.locator('input[name=why]').fill('sale week');
    await button(`Pin ${champion}`).click();
    await page.locator('.orders .trouble', { hasText: 'this needs the token' }).waitFor();
    expect((await models()).isPinned).toBe(false);
  });

  test('with both the champion is pinned, unpinned and another promoted, each with who and why in the history', async () => {
    const { champion, models: all } = await models();
    await page.locator('input[name=token]').fill(TOKEN);
    await page.locator('input[name=who]').fill('ana');
    await button(`Pin ${champion}`).click();
    await page.locator('.orders .said', { hasText: `champion ${champion} is pinned` }).waitFor();
    await button('Unpin').click();
    await page.locator('.orders .said', { hasText: 'is unpinned' }).waitFor();
    await life.until<ModelsView>('/api/models', ({ isPinned, changes }) => !isPinned && changes[0]!.action === 'unpin');

    const other = all.find(({ version }) => version !== champion)!.version;
    await page.locator(`[data-version="${other}"] button`).click();
    await button(`Promote ${other}`).click();
    await page.locator('.orders .said, .orders .trouble').waitFor();
    const said = (await page.locator('.orders .said, .orders .trouble').textContent())!;
    // The gate may speak against it, and then it stays as it was.
    const after = await life.until<ModelsView>('/api/models', (now) =>
      said.startsWith('Done') ? now.champion === other : now.champion === champion,
    );
    for (const change of after.changes.filter(({ action }) => action !== 'promote').slice(0, 2))
      expect(change).toMatchObject({ who: 'ana', why: 'sale week' });
    expect(after.changes.map(({ action }) => action)).toEqual(expect.arrayContaining(['pin', 'unpin']));
  });

  test('fits a telephone, and the browser complained of the refusals alone', async () => {
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(complaints.filter((text) => !/401|409/.test(text))).toEqual([]);
  });
});
