// Words that would run as a script where they are not kept as words, in every field that somebody can fill, on every page that
// shows it. The page's policy would stop most scripts anyway: what is looked for is an element that the words have made.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { JsonObject } from '../../src/base/json.ts';
import type { Person } from './browser.ts';
import { factoryPage, furnish, hostile } from './page-list.ts';
import { open, openScene, type Scene, skip } from './scene.ts';
import { button } from './step.ts';
import { adf, own, type StudioEstate } from './studio-estate.ts';

let scene: Scene;
let estate: StudioEstate;
let person: Person;
let runId: string;

const encoded = encodeURIComponent(hostile);
/** Without slash and dot: a path of the application, not of a file. */
const segment = encodeURIComponent('<img src=x onerror=hacked()>');
const described: JsonObject = {
  description: hostile,
  annotations: [hostile],
  parameters: { word: { type: 'String', defaultValue: hostile } },
};
const via = { type: 'IntegrationRuntimeReference', referenceName: 'sealed' };
const post = (place: string, body: JsonObject) => estate.postern.admin.send('POST', `${estate.factory}/${place}`, body);

/** A dataset of a file of hostile words, and the run `runId`, which failed with them. */
const plant = async () => {
  const { put, factory, box } = estate;
  const quoted = `"${hostile.replaceAll('"', '""')}"`;
  await box.getBlockBlobClient(`${hostile}.csv`).uploadData(Buffer.from(`${quoted},year\n${quoted},1999\n`));
  await put(`${factory}/linkedservices/poison?${adf}`, {
    properties: {
      ...described,
      type: 'AzureSqlDatabase',
      connectVia: via,
      typeProperties: { server: hostile, database: hostile, userName: hostile, password: 'x' },
    },
  });
  const dataset = (fileName: string): JsonObject => ({
    ...described,
    folder: { name: hostile },
    schema: [{ name: hostile, type: 'String' }],
    type: 'DelimitedText',
    linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'shop' },
    typeProperties: {
      location: { type: 'AzureBlobStorageLocation', container: 'box', fileName },
      firstRowAsHeader: true,
    },
  });
  await put(`${factory}/datasets/poison?${adf}`, { properties: dataset(`${hostile}.csv`) });
  await put(`${factory}/datasets/missing?${adf}`, { properties: dataset(`${hostile}.none`) });
  const source = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
  const text = { description: hostile, userProperties: [{ name: hostile, value: hostile }] };
  await put(`${factory}/pipelines/poison?${adf}`, {
    properties: {
      ...described,
      folder: { name: hostile },
      variables: { word: { type: 'String', defaultValue: hostile } },
      activities: [
        { ...text, name: hostile, type: 'HelloWorld', typeProperties: { name: hostile } },
        {
          ...text,
          name: `After ${hostile}`,
          type: 'Lookup',
          dependsOn: [{ activity: hostile, dependencyConditions: ['Completed'] }],
          typeProperties: { source, dataset: { type: 'DatasetReference', referenceName: 'missing' } },
        },
      ],
    },
  });
  const run = await post(`pipelines/poison/createRun?${adf}`, { word: hostile });
  runId = String(run.body.runId);
};

before(async () => {
  if (skip) return;
  scene = await openScene();
  ({ estate } = scene);
  await furnish(estate);
  await estate.decide('studioshop', 'Approved', hostile);
  await plant();
  person = await scene.signIn();
});
after(() => scene?.close());

/** What the words have made of themselves: nothing, where they stayed words. */
const made = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('[onerror], img[src="x"], script')]
    .filter((element) => /hacked/.test(element.outerHTML)).map((element) => element.outerHTML)`);

const mostMs = 10_000;

/** The words are to be seen, as text or in a field that is to be filled. Asked from outside: the page's policy lets nobody inside. */
const shows = async (page: Page) => {
  const until = Date.now() + mostMs;
  const texts = `[document.body.innerText, ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value)]`;
  while (!(await page.evaluate(`${texts}.some((text) => text.includes('window.hacked=1'))`)))
    if (Date.now() > until) throw new Error(`the words are not on ${page.url()}`);
};

const stay = async (address: string, act?: (page: Page) => Promise<unknown>) => {
  const { page } = person;
  await open(person, address);
  await act?.(page);
  await shows(page);
  assert.deepEqual(await made(page), [], address);
};

const json = (page: Page) => page.getByRole('tab', { name: 'JSON' }).click();

test('descriptions, annotations, parameters, hosts and names of activities and files stay words', {
  skip,
}, async () => {
  for (const place of ['linked-services/poison', 'datasets/poison', 'pipelines/poison'])
    await stay(factoryPage(`/${place}`), json);
  await stay(factoryPage('/linked-services/poison'));
  await stay(factoryPage('/pipelines/poison'), async (page) => {
    const node = page.locator('.react-flow__node').first();
    await node.getByText(hostile).waitFor();
    await node.click();
    await page.getByRole('heading', { name: hostile }).waitFor();
  });
  await stay(factoryPage('/pipelines/poison'), async (page) => {
    await button(page, 'Run').click();
    assert.equal(await page.getByRole('dialog').getByLabel(/word/).inputValue(), hostile);
  });
  await stay(factoryPage('/linked-services/shop'), async (page) => {
    await button(page, 'Browse the store').click();
    await button(page, 'box').click();
    await page
      .getByRole('row', { name: /onerror.*Folder/ })
      .getByRole('button')
      .click();
    await page.getByText('script>.csv').waitFor();
  });
  await stay(factoryPage('/datasets/poison'), async (page) => {
    await button(page, 'Preview the data').click();
    await page.getByRole('columnheader', { name: hostile }).waitFor();
    await page.getByRole('cell', { name: hostile }).waitFor();
  });
});

test('errors and outcomes of runs, flows and the words of both sides stay words', { skip }, async () => {
  const run = factoryPage(`/runs/${runId}`);
  await stay(run, (page) => page.getByRole('row', { name: /After.*Failed/ }).waitFor());
  await stay(run, async (page) => {
    await page.getByRole('link', { name: `After ${hostile}` }).click();
    await page
      .getByRole('complementary')
      .getByRole('alert')
      .getByText(/hacked/)
      .waitFor();
  });
  for (const view of ['graph', 'gantt', 'definition']) await stay(`${run}?view=${view}`);
  await stay(factoryPage('/runs'));
  await stay(factoryPage('/endpoints/shop'));
  await estate.decide('studioshop', 'Rejected', hostile);
  for (const page of ['/endpoints', '/endpoints/shop', '/map', '/audit']) await stay(factoryPage(page));
  await stay(factoryPage('/map?runtime=sealed&host=studioshop.blob.core.windows.net&port=443'));
  await stay(factoryPage('/reachability?cell=sealed studioshop.blob.core.windows.net:443'), (page) =>
    page
      .getByRole('complementary')
      .getByText(/hacked/)
      .waitFor(),
  );
  await stay('/studio/approvals?state=Rejected', async (page) => {
    await page.getByRole('link', { name: 'studio-factory.shop' }).click();
    await page
      .getByRole('complementary')
      .getByText(/hacked/)
      .first()
      .waitFor();
  });
  await stay(`/studio/stores?store=${encodeURIComponent(estate.account('studioshop'))}`);
});

test('what a hostile worker dialled stays words', { skip }, async () => {
  const { context } = person;
  // No store's client looks up such a name, and no rule lets it be listed: only what runs in a worker could ask for it.
  await context.route('**/Postern.Network/flows?*', async (route) => {
    const response = await route.fetch();
    const { value } = (await response.json()) as { value: JsonObject[] };
    const poisoned = value.map((flow) => ({
      ...flow,
      host: hostile,
      message: hostile,
      code: hostile,
      worker: hostile,
    }));
    await route.fulfill({ response, json: { value: poisoned } });
  });
  await stay(factoryPage('/flows'), async (page) => {
    await page
      .getByRole('link', { name: `${hostile}:443` })
      .first()
      .click();
    await page.getByRole('complementary', { name: hostile }).getByText(hostile).first().waitFor();
  });
  await context.unroute('**/Postern.Network/flows?*');
});

test('what is typed and refused, and what stands in an address, stays words', { skip }, async () => {
  await stay(factoryPage('/egress'), async (page) => {
    await page.getByRole('radio', { name: /A list of hosts/ }).check();
    await page.getByLabel('Hosts', { exact: true }).fill(hostile.replaceAll(' ', '\t'));
    await button(page, 'Save').click();
    await page
      .getByRole('alert')
      .getByText(/hacked|img/)
      .first()
      .waitFor();
  });
  await stay('/studio/factories?new', (page) => page.getByRole('textbox', { name: 'Name' }).fill(hostile));
  for (const address of [
    `/studio/factories/${segment}/${segment}`,
    `/studio/nowhere/${segment}`,
    `/studio/approvals?state=${encoded}&connection=${encoded}`,
    `/studio/stores?store=${encoded}`,
    `/studio/#code=${encoded}`,
    factoryPage(`/endpoints/${segment}`),
    factoryPage(`/endpoints?state=${encoded}&new&target=${encoded}&group=${encoded}`),
    factoryPage(`/map?runtime=${encoded}&host=${encoded}&port=${encoded}`),
    factoryPage(`/flows?flow=${encoded}`),
    factoryPage(`/reachability?cell=${encoded}`),
    factoryPage(`/runs?status=${encoded}&pipeline=${encoded}`),
    factoryPage(`/runs/${segment}`),
    factoryPage(`/runs/${runId}?view=${encoded}&activity=${encoded}`),
    factoryPage(`/pipelines/${segment}`),
  ]) {
    await open(person, address);
    assert.deepEqual(await made(person.page), [], address);
  }
});

test('no resource can be named so', { skip }, async () => {
  const { factory, network, group } = estate;
  for (const [place, version] of [
    [`${group}/providers/Microsoft.DataFactory/factories`, adf],
    [`${factory}/linkedservices`, adf],
    [`${factory}/datasets`, adf],
    [`${factory}/pipelines`, adf],
    [`${factory}/integrationRuntimes`, adf],
    [`${network}/managedPrivateEndpoints`, adf],
    ['/providers/Postern.Identity/principals', own],
  ] as const)
    for (const name of [hostile, '<b>', '&lt;']) {
      const { status, body } = await estate.postern.admin.send(
        'PUT',
        `${place}/${encodeURIComponent(name)}?${version}`,
        { location: 'westeurope', properties: {} },
      );
      assert.ok(status === 400 || status === 404, `${place} ${name} ${status}`);
      assert.match(String((body.error as JsonObject).code), /^Invalid|NotFound$/);
    }
});

test('nothing ran, and nothing stood against the page’s policy', { skip }, async () => {
  assert.equal(await person.page.evaluate('window.hacked'), undefined);
  assert.deepEqual(scene.complaints(), []);
});
