// What people do once it is built: cancel, run again, take a report, change the public door, remove. In a real browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { JsonObject } from '../../src/base/json.ts';
import { values } from '../../src/cli/identity.ts';
import type { Person } from './browser.ts';
import { factoryPage, furnish } from './page-list.ts';
import { open, openScene, type Scene, skip } from './scene.ts';
import { button } from './step.ts';
import { adf, own, type StudioEstate } from './studio-estate.ts';

let scene: Scene;
let estate: StudioEstate;
let engineer: Person;
let owner: Person;

before(async () => {
  if (skip) return;
  scene = await openScene();
  ({ estate } = scene);
  await furnish(estate);
  await estate.decide('studioshop', 'Approved', 'Until June');
  engineer = await scene.signIn('engineer');
  owner = await scene.signIn('owner');
});
after(() => scene?.close());

const putPipeline = (name: string, activities: JsonObject[], more: JsonObject = {}) =>
  estate.put(`${estate.factory}/pipelines/${name}?${adf}`, { properties: { ...more, activities } });

/** Runs a saved pipeline from its page. */
const runPipeline = async (name: string): Promise<Page> => {
  const { page } = engineer;
  await open(engineer, factoryPage(`/pipelines/${name}`));
  await button(page, 'Run').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  await page.getByRole('heading', { name: `Run of ${name}` }).waitFor();
  return page;
};

const runIn = (page: Page) => new URL(page.url()).pathname.split('/').at(-1)!;

/** Presses what begins another run, and waits until that one is shown. */
const another = async (page: Page, name: string) => {
  const before = page.url();
  await button(page, name).click();
  await page.waitForURL((url) => url.href.split('?')[0] !== before.split('?')[0]);
};

const greet = (name: string, whom: string, more: JsonObject = {}): JsonObject => ({
  name,
  type: 'HelloWorld',
  typeProperties: { name: whom },
  ...more,
});
const afterFirst: JsonObject = { dependsOn: [{ activity: 'First', dependencyConditions: ['Succeeded'] }] };

test('a run is cancelled, and says so', { skip }, async () => {
  await putPipeline('long', [{ name: 'Pause', type: 'Wait', typeProperties: { waitTimeInSeconds: 3600 } }]);
  const page = await runPipeline('long');
  await page.getByRole('row', { name: /Pause.*Running/ }).waitFor();
  await button(page, 'Cancel').click();
  await page.getByRole('row', { name: /Pause.*Cancelled/ }).waitFor();
  await button(page, 'Run again').waitFor();
  const run = await estate.postern.admin.call('GET', `${estate.factory}/pipelineruns/${runIn(page)}?${adf}`);
  assert.equal(run.status, 'Cancelled');
});

test('a run is run again, whole and from what failed; each shows the pipeline that it ran', { skip }, async () => {
  const source = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
  const films = (await estate.postern.admin.call('GET', `${estate.factory}/datasets/films?${adf}`)).properties;
  const missing = JSON.parse(JSON.stringify(films).replace('2026.csv', 'missing.csv')) as JsonObject;
  await estate.put(`${estate.factory}/datasets/missing?${adf}`, { properties: missing });
  const read = { source, dataset: { type: 'DatasetReference', referenceName: 'missing' } };
  const secret = { parameters: { word: { type: 'SecureString', defaultValue: 'hush' } } };
  await putPipeline(
    'again',
    [greet('First', 'before'), { name: 'Second', type: 'Lookup', typeProperties: read, ...afterFirst }],
    secret,
  );
  const page = await runPipeline('again');
  await page.getByRole('row', { name: /Second.*Lookup.*Failed/ }).waitFor();
  await another(page, 'Run again');
  await page.getByRole('row', { name: /First.*Succeeded/ }).waitFor();
  await page.getByRole('row', { name: /Second.*Failed/ }).waitFor();

  await putPipeline(
    'again',
    [greet('First', 'after'), greet('Second', 'after', afterFirst), greet('Third', 'after', afterFirst)],
    secret,
  );
  await page.getByRole('tab', { name: 'Graph' }).click();
  const drawn = page.locator('.react-flow__node');
  await drawn.filter({ hasText: 'Second' }).getByText('Lookup').waitFor();
  assert.equal(await drawn.count(), 2);
  await page.getByRole('tab', { name: 'As it was run' }).click();
  assert.match(await page.getByLabel('The pipeline as it was run').inputValue(), /"referenceName": "missing"/);
  await page.getByRole('tab', { name: 'List' }).click();

  await another(page, 'Run again from what failed');
  for (const name of ['First', 'Second', 'Third'])
    await page.getByRole('row', { name: RegExp(`${name}.*Succeeded`) }).waitFor();
  for (const [name, whom] of [
    ['First', 'before'],
    ['Second', 'after'],
  ] as const) {
    await page.getByRole('link', { name, exact: true }).click();
    const input = page.getByRole('complementary', { name }).getByRole('textbox', { name: 'Input' });
    assert.match(await input.inputValue(), RegExp(`"name": "${whom}"`));
  }
});

test('the report that is saved is the report', { skip }, async () => {
  const { page } = engineer;
  await open(engineer, factoryPage('/reachability'));
  const save = async (name: string) => {
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const json = await save('Export as JSON');
  assert.match(json.name, /^reachability-studio-factory-\d{4}-\d\d-\d\d\.json$/);
  const client = estate.postern.admin.as(estate.engineer);
  const told = await client.call('GET', `${estate.factory}/providers/Postern.Network/reachability?${own}`);
  const saved = JSON.parse(json.text) as JsonObject;
  assert.deepEqual({ ...saved, at: '' }, { ...told, at: '' });
  const html = await save('Export as a page');
  assert.match(html.name, /^reachability-studio-factory-.*\.html$/);
  assert.match(html.text, /^<!doctype html>/i);
  for (const { host } of saved.matrix as { host: string }[]) assert.ok(html.text.includes(host), host);
  // What a person opens later is as harmless as the Studio's own pages.
  assert.doesNotMatch(html.text, /<script>window\.hacked/);
});

test('the public door is closed but for a list; a bad entry is named', { skip }, async () => {
  const admin = await scene.signIn();
  const { page } = admin;
  await open(admin, factoryPage('/egress'));
  await page.getByRole('radio', { name: /A list of hosts/ }).check();
  const hosts = page.getByLabel('Hosts', { exact: true });
  await hosts.fill('api.example.com\nhttps://bad.example.com');
  // While somebody writes, what the page asked is asked again: here because a connection changed.
  const askedAgain = page.waitForResponse(/egressPolicies/);
  await estate.decide('studioshop', 'Approved', 'Until July');
  await askedAgain;
  await button(page, 'Save').click();
  await page
    .getByRole('alert')
    .getByText(/https:\/\/bad\.example\.com/)
    .waitFor();
  assert.equal(await hosts.inputValue(), 'api.example.com\nhttps://bad.example.com', 'what was typed is kept');
  await hosts.fill('api.example.com');
  await button(page, 'Save').click();
  await page.getByText('Nobody has set it yet').waitFor({ state: 'detached' });
  const policy = `${estate.network}/providers/Postern.Network/egressPolicies/default?${own}`;
  const { mode, hosts: listed } = (await estate.postern.admin.call('GET', policy)).properties as JsonObject;
  assert.deepEqual([mode, listed], ['AllowList', ['api.example.com']]);
  for (const person of [await scene.signIn('reader'), engineer]) {
    await open(person, factoryPage('/egress'));
    await person.page.getByText('api.example.com').waitFor();
    await person.page.getByText(/You may read it, not change it.*Owner or Contributor/).waitFor();
    assert.equal(await person.page.getByRole('alert').count(), 0);
    assert.equal(await person.page.getByRole('radio').count(), 0);
    assert.equal(await button(person.page, 'Save').count(), 0);
  }
});

test('a page whose file could not be fetched is loaded anew, once; then it says so', { skip }, async () => {
  const { page } = engineer;
  let refused = 0;
  const most = { times: 1 };
  await page.route(/assets\/egress-page.*\.css$/, (route) => {
    refused += 1;
    return refused > most.times ? route.continue() : route.abort();
  });
  await open(engineer, factoryPage('/egress'));
  await page.getByText('api.example.com').waitFor();
  assert.equal(refused, 2);
  [refused, most.times] = [0, 9];
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await button(page, 'Load it again').waitFor();
  await page.waitForFunction(() => sessionStorage.length > 0);
  await page.getByRole('heading', { name: 'This page failed' }).waitFor();
  await page.unroute(/assets\/egress-page.*\.css$/);
  await page.evaluate(() => sessionStorage.clear());
});

test('an engineer removes an endpoint; an owner a connection, for good, after reading what it does', {
  skip,
}, async () => {
  const { page } = engineer;
  await open(engineer, factoryPage('/endpoints/table'));
  await button(page, 'Delete the endpoint').click();
  const asked = page.getByRole('dialog', { name: 'Delete table?' });
  await asked.getByText('Flows over it are cut before this answers').waitFor();
  await asked.getByRole('button', { name: 'Delete' }).click();
  await page.getByText(/There is no endpoint table any more/).waitFor();
  const left = await estate.postern.admin.call('GET', `${estate.network}/managedPrivateEndpoints?${adf}`);
  assert.deepEqual(
    values(left).map(({ name }) => name),
    ['shop'],
  );

  await open(owner, '/studio/approvals?state=Approved');
  await owner.page.getByRole('link', { name: 'studio-factory.shop' }).click();
  await button(owner.page, 'Remove for good').click();
  const removing = owner.page.getByRole('dialog');
  await removing
    .getByText(/Runs that need it fail from now on\. The factory then can only delete its endpoint/)
    .waitFor();
  await removing.getByRole('button', { name: 'Remove for good' }).click();
  await removing.waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /shop.*Disconnected/ }).waitFor();
});

test('activities inside activities are opened on the canvas and changed there, in step with the JSON', {
  skip,
}, async () => {
  const wait = (name: string): JsonObject => ({ name, type: 'Wait', typeProperties: { waitTimeInSeconds: 1 } });
  const either = {
    name: 'Either',
    type: 'IfCondition',
    typeProperties: { expression: { type: 'Expression', value: '@item()' }, ifTrueActivities: [wait('Inner')] },
  };
  const items = { type: 'Expression', value: "@createArray('a')" };
  await putPipeline('nested', [{ name: 'Each', type: 'ForEach', typeProperties: { items, activities: [either] } }]);
  const { page } = engineer;
  await open(engineer, factoryPage('/pipelines/nested'));
  const node = (name: string) => page.locator('.react-flow__node').filter({ hasText: name });
  const openInner = async (name: string, list: string) => {
    await node(name).click();
    await page.getByRole('region', { name }).getByRole('button', { name: list }).click();
  };
  const opened = page.getByRole('navigation', { name: 'Inside' });
  await node('Each').getByText('1 inside').waitFor();
  await openInner('Each', 'For each (1)');
  await openInner('Either', 'If true (1)');
  await opened.getByRole('button', { name: 'Either: If true' }).waitFor();
  await node('Inner').click();
  await page.getByRole('region', { name: 'Inner' }).getByLabel('Name').fill('Renamed');
  await button(page, 'Wait').click();
  await page.getByRole('checkbox', { name: 'Renamed' }).waitFor();

  await opened.getByRole('button', { name: 'Each: For each' }).click();
  await openInner('Either', 'If false (0)');
  await button(page, 'HelloWorld').click();
  await opened.getByRole('button', { name: 'Pipeline' }).click();
  await node('Each').waitFor();

  await page.getByRole('tab', { name: 'JSON' }).click();
  const json = page.getByLabel('pipeline as JSON');
  const text = await json.inputValue();
  await json.fill(text.replace('Wait1', 'Last'));
  await page.getByRole('tab', { name: 'Canvas' }).click();
  await button(page, 'Save').click();
  await page.locator('button:not([disabled])', { hasText: /^Run$/ }).waitFor();
  const saved = await estate.postern.admin.call('GET', `${estate.factory}/pipelines/nested?${adf}`);
  const [each] = (saved.properties as { activities: { typeProperties: { activities: (typeof either)[] } }[] })
    .activities;
  const inside = each!.typeProperties.activities[0]!.typeProperties as unknown as Record<string, JsonObject[]>;
  assert.deepEqual(
    [inside.ifTrueActivities, inside.ifFalseActivities].map((list) =>
      list?.map(({ name, dependsOn }) => [name, dependsOn]),
    ),
    [
      [
        ['Renamed', undefined],
        ['Last', [{ activity: 'Renamed', dependencyConditions: ['Succeeded'] }]],
      ],
      [['HelloWorld1', []]],
    ],
  );
});

test('nothing went wrong unseen', { skip }, () => {
  assert.deepEqual(scene.complaints(), []);
});
