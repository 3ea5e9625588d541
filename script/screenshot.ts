// `npm run screenshot [word]`: every page of the Studio (or those whose address has the word) as pictures in
// studio/picture: light and dark, wide and narrow, with something on it, empty, loading and failing. For somebody to look at.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from '../test/studio/browser.ts';
import { furnish, pagesOf, runTwo } from '../test/studio/page-list.ts';
import { adf, openStudioEstate, type StudioEstate } from '../test/studio/studio-estate.ts';

const folder = path.resolve(import.meta.dirname, '../studio/picture');
const word = process.argv[2] ?? '';

const looks = [
  { name: 'light-wide', width: 1440, colorScheme: 'light' },
  { name: 'dark-wide', width: 1440, colorScheme: 'dark' },
  { name: 'light-narrow', width: 360, colorScheme: 'light' },
  { name: 'light-4k', width: 3840, colorScheme: 'light' },
] as const;

const fileFor = (address: string, look: string) =>
  path.join(
    folder,
    `${address.replace(/^\/studio\/?|factories\/\w+\/[\w-]+\/?/g, '').replaceAll(/[^\w]+/g, '-') || 'first'}.${look}.png`,
  );

const take = async ({ page, origin }: Person, address: string, look: string, sign?: string | RegExp): Promise<void> => {
  await page.goto(`${origin}${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (sign !== undefined) await page.locator('main').getByText(sign).first().waitFor();
  await page.screenshot({ path: fileFor(address, look) });
};

const empty = '/studio/factories/studio/empty-factory';

const takeStates = async (estate: StudioEstate, browser: Browser, addresses: readonly string[]): Promise<void> => {
  const person = await signIn(browser, estate.postern.admin);
  await estate.put(`${estate.group}/providers/Microsoft.DataFactory/factories/empty-factory?${adf}`, {
    location: 'westeurope',
  });
  for (const page of [
    '',
    '/endpoints',
    '/map',
    '/flows',
    '/audit',
    '/linked-services',
    '/datasets',
    '/pipelines',
    '/runs',
  ])
    await take(person, `${empty}${page}`, `empty${page.replace('/', '-')}`);
  const asked = /\/subscriptions\/(?!.*events)/;
  await person.context.route(asked, (route) => route.fulfill({ status: 503, body: '{}' }));
  for (const address of addresses) {
    await person.page.goto(`${person.origin}${address}`);
    await person.page.getByRole('alert').first().waitFor();
    await person.page.screenshot({ path: fileFor(address, 'failing') });
  }
  await person.context.unroute(asked);
  await person.context.route(asked, () => {});
  for (const address of addresses) await take(person, address, 'loading').catch(() => {});
  await person.context.close();
};

const chromium = findChromium();
if (chromium === null) throw new Error('There is no Chromium in PATH.');
await buildStudio();
await mkdir(folder, { recursive: true });
const [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium)]);
try {
  await furnish(estate);
  const runId = await runTwo(estate);
  const pages = pagesOf(runId).filter(([address]) => address.includes(word));
  for (const { name, ...options } of looks) {
    const person = await signIn(browser, estate.postern.admin, undefined, options);
    for (const [address, sign] of pages) await take(person, address, name, sign);
    await person.context.close();
  }
  await takeStates(
    estate,
    browser,
    word === '' ? ['/studio/', '/studio/approvals', ...pages.slice(6, 12).map(([address]) => address)] : [],
  );
} finally {
  await browser.close();
  await estate.postern.discard();
}
