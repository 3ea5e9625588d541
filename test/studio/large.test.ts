// Five thousand of each: what is drawn, what is asked of the server and what the page keeps stay small.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from './browser.ts';
import { fillLarge } from './large-estate.ts';
import { openStudioEstate, type StudioEstate } from './studio-estate.ts';

const chromium = findChromium();
const skip = chromium === null ? 'no Chromium in PATH' : false;
const count = 5000;
const at = '/studio/factories/studio/large-factory';

let estate: StudioEstate;
let browser: Browser;
let admin: Person;
let asked: string[] = [];
before(async () => {
  if (chromium === null) return;
  await buildStudio();
  [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium)]);
  await fillLarge(estate, count);
  admin = await signIn(browser, estate.postern.admin);
  admin.page.on('request', (request) => asked.push(decodeURIComponent(request.url())));
});
after(async () => {
  await browser?.close();
  await estate?.postern.discard();
});

/** Opens a page anew, and forgets what was asked before. */
const open = async (address: string) => {
  asked = [];
  await admin.page.goto(`${admin.origin}${address}`);
  await admin.page.locator('tr[data-index="0"]').waitFor();
};
const focused = (page: Page, name: string) => page.locator('tbody a:focus', { hasText: name });
const askedFor = (what: RegExp) => asked.filter((url) => what.test(url)).length;
const rowsDrawn = (page: Page) => page.locator('tbody tr').count();
const assertFew = async (page: Page) => {
  const drawn = await rowsDrawn(page);
  assert.ok(drawn > 10 && drawn < 80, `${drawn} rows are drawn`);
};

/** What the page keeps, after what nobody needs is thrown away. */
const kept = async (session: CDPSession): Promise<{ nodes: number; heap: number }> => {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { nodes: of('Nodes'), heap: of('JSHeapUsedSize') };
};

/** From the first row to the last and back, by the wheel. */
const scrollThrough = (page: Page) =>
  page.evaluate(`(async () => {
    const scroller = document.querySelector('table').parentElement;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (const step of [1, -1])
      for (let part = 0; part < 16; part += 1) {
        scroller.scrollTop += step * scroller.scrollHeight / 16;
        await frame();
      }
  })()`);

for (const { what, address, first, last, list } of [
  {
    what: 'endpoints',
    address: '/endpoints',
    first: 'endpoint-0000',
    last: 'endpoint-4999',
    list: /managedPrivateEndpoints\?/,
  },
  { what: 'runs', address: '/runs', first: 'pipeline-4999', last: 'pipeline-0000', list: /queryPipelineRuns/ },
])
  test(`five thousand ${what}: few rows are drawn, pages are asked for, and the end is one key away`, {
    skip,
  }, async () => {
    const { page, context } = admin;
    const link = (name: string) => page.getByRole('link', { name, exact: true });
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    await open(`${at}${address}`);
    assert.equal(askedFor(list), 1, 'one page is enough to begin with');
    await assertFew(page);
    await link(first).focus();
    await page.keyboard.press('End');
    await focused(page, last).waitFor();
    assert.equal(askedFor(list), 1 + Math.ceil((count - 100) / 1000));
    assert.equal(
      await page.locator('tbody tr a:focus').evaluate((element) => element.closest('tr')?.ariaRowIndex),
      '5001',
    );
    await assertFew(page);
    await page.keyboard.press('Home');
    await focused(page, first).waitFor();
    await scrollThrough(page);
    const once = await kept(session);
    await scrollThrough(page);
    const twice = await kept(session);
    assert.ok(twice.nodes < 6000, `${twice.nodes} nodes are kept`);
    assert.ok(twice.nodes < once.nodes * 1.1, `${once.nodes} nodes became ${twice.nodes}`);
    assert.ok(twice.heap < once.heap * 1.2 && twice.heap < 150e6, `${once.heap} bytes became ${twice.heap}`);
    await session.detach();
  });

test('a row of the last page is found by the filter and by the order, also where the address says so', {
  skip,
}, async () => {
  const { page } = admin;
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  await open(`${at}/endpoints`);
  await page.getByLabel('Filter endpoints').fill('endpoint-4998');
  await link('endpoint-4998').waitFor();
  await page.getByText('1 of 5,000').waitFor();
  await page.getByLabel('Filter endpoints').fill('');
  await page.getByRole('button', { name: 'Name' }).click();
  await page.getByRole('button', { name: 'Name' }).click();
  await page.locator('tr[data-index="0"]', { has: link('endpoint-4999') }).waitFor();
  await assertFew(page);
  // What was typed stands in the address once its writer rests.
  await page.waitForURL((url) => !url.searchParams.has('filter'));
  await page.reload();
  await page.locator('tr[data-index="0"]', { has: link('endpoint-4999') }).waitFor();
  await open(`${at}/runs?filter=pipeline-0001`);
  await link('pipeline-0001').waitFor();
  await page.getByRole('row', { name: /pipeline-0001.*Succeeded/ }).waitFor();
});

test('an endpoint of the last page opens by its address, beside the first page of the list', { skip }, async () => {
  const { page } = admin;
  await open(`${at}/endpoints/endpoint-4997`);
  await page.getByRole('complementary', { name: 'endpoint-4997' }).getByText('Table Storage of large1249').waitFor();
  assert.equal(askedFor(/managedPrivateEndpoints\?/), 1);
});

test('who may decide about thousands of connections is asked once, not for each store', { skip }, async () => {
  const { page } = admin;
  await open('/studio/approvals');
  await page.getByRole('tab', { name: 'Waiting (3,500)' }).waitFor();
  await assertFew(page);
  assert.ok(askedFor(/Microsoft.Authorization/) < 6, `${askedFor(/Microsoft.Authorization/)} questions about roles`);
  await page.getByLabel('Filter connections').fill('endpoint-4997');
  await page.getByRole('link', { name: 'large-factory.endpoint-4997' }).click();
  await page.getByRole('complementary').getByText('Nightly load 4997').first().waitFor();
});
