// The journey in two windows, on a real Postern: an engineer builds and is refused, the owner approves, it works; the owner
// changes their mind, and everybody sees it at once. Nobody reloads a page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { mouse } from './actor.ts';
import { buildStudio, findChromium, openBrowser, type Person, signIn } from './browser.ts';
import {
  approve,
  browseStore,
  button,
  debugAndSave,
  drawCopy,
  furnishSink,
  makeDataset,
  makeFactory,
  requestEndpoint,
} from './step.ts';
import { adf, openStudioEstate, type StudioEstate } from './studio-estate.ts';

const chromium = findChromium();
const skip = chromium === null ? 'no Chromium in PATH' : false;

let estate: StudioEstate;
let browser: Browser;
let engineer: Person;
let owner: Person;
const at = (page: string) => `${engineer.origin}/studio/factories/studio/studio-factory${page}`;

before(async () => {
  if (chromium === null) return;
  await buildStudio();
  [estate, browser] = await Promise.all([openStudioEstate(), openBrowser(chromium)]);
  const { admin } = estate.postern;
  engineer = await signIn(browser, admin, estate.engineer.objectId);
  owner = await signIn(browser, admin, estate.owner.objectId);
});
after(async () => {
  await browser?.close();
  await estate?.postern.discard();
});

test('a link signs in once, and its code is out of the address', { skip }, async () => {
  assert.equal(engineer.page.url(), `${engineer.origin}/studio/`);
  await engineer.page.getByText('studio engineer').first().waitFor();
});

test('an engineer makes a factory with its network and runtime', { skip }, async () => {
  await makeFactory(mouse(engineer.page));
  const runtime = await estate.postern.admin.call('GET', `${estate.factory}/integrationRuntimes/sealed?${adf}`);
  assert.equal(runtime.name, 'sealed');
});

test('a test of a connection fails with the reason, and the endpoint is requested from there', { skip }, async () => {
  await owner.page.goto(`${owner.origin}/studio/approvals`);
  await owner.page.getByText('Nothing waits for you').waitFor();
  await requestEndpoint(estate, mouse(engineer.page));
});

test('the owner sees the request come, who asks and why, and approves it; the engineer sees it by itself', {
  skip,
}, async () => {
  await engineer.page.getByRole('link', { name: 'Private endpoints' }).click();
  await engineer.page.getByRole('cell', { name: 'Pending' }).waitFor();
  await approve(mouse(owner.page));
  await engineer.page.getByRole('cell', { name: 'Approved' }).waitFor();
  await engineer.page.getByRole('cell', { name: 'Until June' }).waitFor();
});

test('now the test passes, and the store is browsed from inside', { skip }, () => browseStore(mouse(engineer.page)));

test('a dataset is picked from the store and previewed', { skip }, () => makeDataset(mouse(engineer.page)));

test('a copy is drawn on the canvas, in step with its JSON, and debugged before it is saved', { skip }, async () => {
  await furnishSink(estate);
  const { page } = engineer;
  await drawCopy(mouse(page));
  await page.getByRole('tab', { name: 'JSON' }).click();
  const json = page.getByLabel('pipeline as JSON');
  const written = JSON.parse(await json.inputValue()) as { activities: { name: string; inputs: unknown[] }[] };
  assert.equal(written.activities[0]?.name, 'Copy1');
  await json.fill(JSON.stringify({ ...written, activities: [{ ...written.activities[0], name: 'CopyFilms' }] }));
  await page.getByRole('tab', { name: 'Canvas' }).click();
  await page.locator('.react-flow__node').getByText('CopyFilms').waitFor();
  await debugAndSave(mouse(page));
});

test('a run goes on live; the owner is told what a rejection cuts; run, map and flows show it at once', {
  skip,
}, async () => {
  const { page } = engineer;
  const map = await engineer.context.newPage();
  await map.goto(at('/map'));
  const gate = map.getByRole('region', { name: 'Network map' }).getByRole('button', { name: /studioshop-blob/ });
  await gate.getByText('Approved').waitFor();
  const stored = await estate.postern.admin.call('GET', `${estate.factory}/pipelines/copyfilms?${adf}`);
  const large = JSON.stringify(stored.properties).replaceAll('small', 'large').replaceAll('CopyFilms', 'CopyLarge');
  await page.goto(at('/pipelines/copyfilms'));
  await page.locator('.react-flow__node').getByText('CopyFilms').waitFor();
  await estate.put(`${estate.factory}/pipelines/copyfilms?${adf}`, { properties: JSON.parse(large) });
  await page.getByText('Somebody saved another version meanwhile').waitFor();
  await button(page, 'Take theirs').click();
  await page.locator('.react-flow__node').getByText('CopyLarge').waitFor();
  await button(page, 'Run').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  await page.getByRole('heading', { name: 'Run of copyfilms' }).waitFor();
  await owner.page.goto(`${owner.origin}/studio/approvals?state=Approved`);
  await owner.page.getByRole('link', { name: 'studio-factory.studioshop-blob' }).click();
  await owner.page.getByRole('button', { name: 'Revoke' }).click();
  const dialog = owner.page.getByRole('dialog');
  await dialog.getByText(/cuts|Nothing flows/).waitFor();
  await dialog.getByLabel('Your words').fill('The contract has ended');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await dialog.waitFor({ state: 'detached' });
  await gate.getByText('Rejected').waitFor();
  // Whether the copy was cut or was done already, the next one is refused.
  await page
    .getByText(/Succeeded|Failed/)
    .first()
    .waitFor();
  await button(page, 'Run again').click();
  await page.getByText('Failed').first().waitFor();
  await page.getByRole('link', { name: 'CopyLarge' }).click();
  const detail = page.getByRole('complementary');
  await detail.getByText('EndpointRejected').first().waitFor();
  await detail.getByText('The contract has ended').first().waitFor();
  await detail.getByText('What to do:').first().waitFor();
  await page.goto(at('/flows?denied'));
  await page.getByRole('cell', { name: 'EndpointRejected' }).first().waitFor();
  await map.close();
});

test('nothing went wrong unseen in either window, and nothing stood against the page’s policy', { skip }, () => {
  assert.deepEqual([...engineer.complaints, ...owner.complaints], []);
});
