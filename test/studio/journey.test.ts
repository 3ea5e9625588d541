// The journey in two windows, on a real Postern: an engineer builds and is refused, the owner approves, it works. Nobody
// reloads a page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mouse } from './actor.ts';
import type { Person } from './browser.ts';
import { factoryPage } from './page-list.ts';
import { openScene, type Scene, skip } from './scene.ts';
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
import { adf, type StudioEstate } from './studio-estate.ts';

let scene: Scene;
let estate: StudioEstate;
let engineer: Person;
let owner: Person;

before(async () => {
  if (skip) return;
  scene = await openScene();
  ({ estate } = scene);
  engineer = await scene.signIn('engineer');
  owner = await scene.signIn('owner');
});
after(() => scene?.close());

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

test('what somebody saves meanwhile is said, and can be taken', { skip }, async () => {
  const { page } = engineer;
  const place = `${estate.factory}/pipelines/copyfilms?${adf}`;
  await page.goto(`${engineer.origin}${factoryPage('/pipelines/copyfilms')}`);
  await page.locator('.react-flow__node').getByText('CopyFilms').waitFor();
  const stored = await estate.postern.admin.call('GET', place);
  const theirs = JSON.stringify(stored.properties).replaceAll('CopyFilms', 'CopyAll');
  await estate.put(place, { properties: JSON.parse(theirs) });
  await page.getByText('Somebody saved another version meanwhile').waitFor();
  await button(page, 'Take theirs').click();
  await page.locator('.react-flow__node').getByText('CopyAll').waitFor();
});

test('nothing went wrong unseen in either window, and nothing stood against the page’s policy', { skip }, () => {
  assert.deepEqual(scene.complaints(), []);
});
