// `npm run screenshot [word]`: every page of the Studio (or those whose picture's name has the word) as pictures in
// studio/picture: light and dark, wide, narrow and 4K, with something on it, with 5,000 of each, empty, loading and
// failing. For somebody to look at.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from '../test/studio/browser.ts';
import { fillLarge } from '../test/studio/large-estate.ts';
import { factoryPage, furnish, type Opened, openedOf, pagesOf, probe, runTwo } from '../test/studio/page-list.ts';
import { adf, openStudioEstate, type StudioEstate } from '../test/studio/studio-estate.ts';

const folder = path.resolve(import.meta.dirname, '../studio/picture');
const word = process.argv[2] ?? '';
const count = 5000;

const looks = [
  { name: 'light-wide', width: 1440, colorScheme: 'light' },
  { name: 'dark-wide', width: 1440, colorScheme: 'dark' },
  { name: 'light-narrow', width: 360, colorScheme: 'light' },
  { name: 'light-4k', width: 3840, height: 2160, colorScheme: 'light' },
] as const;

/** `/studio/factories/g/f/runs/1234?view=graph` as `factory-runs-1-view-graph`. */
const nameOf = (address: string): string =>
  address
    .replace(/^\/studio\/factories\/\w+\/[\w-]+/, 'factory')
    .replace(/^\/studio\/?/, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '1')
    .replaceAll(/[^\w]+/g, '-') || 'home';

const isWanted = (address: string) => nameOf(address).includes(word);

const shoot = (person: Person, address: string, look: string) =>
  person.page.screenshot({ path: path.join(folder, `${nameOf(address)}.${look}.png`) });

const open = async ({ page, origin }: Person, address: string, sign?: string | RegExp): Promise<void> => {
  await page.goto(`${origin}${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (sign !== undefined) await page.locator('main').getByText(sign).first().waitFor();
};

/** Pages as they are, and with what opens on them open. */
const takeLooks = async (estate: StudioEstate, browser: Browser, runId: string) => {
  for (const { name, ...options } of looks) {
    const person = await signIn(browser, estate.postern.admin, undefined, options);
    for (const [address, sign] of pagesOf(runId).filter(([address]) => isWanted(address))) {
      await open(person, address, sign);
      await shoot(person, address, name);
    }
    for (const [what, { address, sign, open: then }] of Object.entries<Opened>(openedOf(runId))) {
      if (name === 'light-4k' || !what.includes(word)) continue;
      await open(person, address, sign);
      await then(person.page);
      await shoot(person, what, name);
    }
    await person.context.close();
  }
};

const pagesBelow = [
  '',
  ...'endpoints map flows reachability egress audit linked-services datasets pipelines runs'
    .split(' ')
    .map((page) => `/${page}`),
];

const takeEmpty = async (estate: StudioEstate, browser: Browser) => {
  const factory = `${estate.group}/providers/Microsoft.DataFactory/factories/empty-factory`;
  await estate.put(`${factory}?${adf}`, { location: 'westeurope' });
  const person = await signIn(browser, estate.postern.admin);
  const nobody = await signIn(browser, estate.postern.admin, estate.nobody.objectId);
  for (const address of pagesBelow.map((page) => `/studio/factories/studio/empty-factory${page}`).filter(isWanted)) {
    await open(person, address);
    await person.page.waitForLoadState('networkidle');
    await shoot(person, address, 'empty');
  }
  for (const address of ['/studio/', '/studio/factories', '/studio/approvals', '/studio/stores'].filter(isWanted)) {
    await open(nobody, address);
    await nobody.page.waitForLoadState('networkidle');
    await shoot(nobody, address, 'empty');
  }
  await Promise.all([person.context.close(), nobody.context.close()]);
};

const takeWithoutAnswers = async (estate: StudioEstate, browser: Browser, runId: string) => {
  const person = await signIn(browser, estate.postern.admin);
  const asked = /\/subscriptions\/(?!.*events)/;
  const addresses = [
    '/studio/',
    '/studio/factories',
    '/studio/approvals',
    '/studio/stores',
    ...pagesBelow.map((page) => factoryPage(page)),
    ...['/endpoints/shop', '/linked-services/shop', '/datasets/films', '/pipelines/two', `/runs/${runId}`].map(
      factoryPage,
    ),
  ].filter(isWanted);
  await person.context.route(asked, () => {});
  for (const address of addresses) {
    await open(person, address);
    await shoot(person, address, 'loading');
  }
  await person.context.unroute(asked);
  await person.context.route(asked, (route) => route.fulfill({ status: 503, body: '{}' }));
  for (const address of addresses) {
    await open(person, address);
    await person.page.getByRole('alert').first().waitFor();
    await shoot(person, address, 'failing');
  }
  await person.context.close();
};

const takeLarge = async (estate: StudioEstate, browser: Browser) => {
  const factory = await fillLarge(estate, count);
  for (let time = 0; time < 3; time += 1) await probe(estate, factory);
  const below = (page: string) => `/studio/factories/studio/large-factory${page}`;
  for (const { name, ...options } of looks.filter(({ name }) => name !== 'dark-wide')) {
    const person = await signIn(browser, estate.postern.admin, undefined, options);
    for (const [address, sign] of [
      [below('/endpoints'), 'endpoint-0000'],
      [below('/endpoints/endpoint-4999'), 'Data Lake Storage of large1249'],
      [below('/endpoints?filter=endpoint-49'), '100 of 5,000'],
      [below('/runs'), 'pipeline-4999'],
      [below('/runs?sort=Took down'), '6.7 s'],
      [below('/flows'), /Denied|Allowed/],
      [below('/map'), 'Sealed network'],
      [below('/reachability'), 'large0000'],
      [below('/audit'), 'requested it'],
      ['/studio/approvals', 'Nightly load'],
      ['/studio/stores', 'large0000'],
    ] as const) {
      if (!isWanted(address)) continue;
      await open(person, address, sign);
      await shoot(person, address, `5000-${name}`);
    }
    await person.context.close();
  }
};

const chromium = findChromium();
if (chromium === null) throw new Error('There is no Chromium in PATH.');
await buildStudio();
if (word === '') await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium)]);
try {
  await furnish(estate);
  const runId = await runTwo(estate);
  await probe(estate, estate.factory);
  await takeLooks(estate, browser, runId);
  await takeEmpty(estate, browser);
  await takeWithoutAnswers(estate, browser, runId);
  await takeLarge(estate, browser);
} finally {
  await browser.close();
  await estate.postern.discard();
}
