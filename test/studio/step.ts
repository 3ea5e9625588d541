// The steps of the journey, done by whichever hands: an engineer builds, an owner answers, the engineer goes on.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Actor } from './actor.ts';
import { adf, type StudioEstate } from './studio-estate.ts';

/** A button by its name. */
export const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

/** Makes `studio-factory` with its network and runtime. */
export const makeFactory = async ({ page, press, write }: Actor): Promise<void> => {
  await press(link(page, 'Factories'));
  await press(button(page, 'New factory').first());
  await write(page.getByLabel('Name'), 'studio-factory');
  await write(page.getByLabel('Resource group'), 'studio');
  await press(button(page, 'Make the factory'));
  await page.getByRole('heading', { name: 'studio-factory', level: 1 }).waitFor();
  await page.getByRole('cell', { name: 'sealed' }).waitFor();
};

/** Makes the linked service `shop`, is refused, and requests the endpoint from the refusal. */
export const requestEndpoint = async (estate: StudioEstate, actor: Actor): Promise<void> => {
  const { page, press, write, choose } = actor;
  await press(link(page, 'Linked services'));
  await press(button(page, 'New linked service').first());
  await write(page.getByLabel('Name'), 'shop');
  await choose(page.getByLabel('Store'), 'AzureBlobStorage');
  await write(page.getByLabel('Connection string'), estate.connectionString.studioshop);
  await press(button(page, 'Save'));
  await page.getByRole('heading', { name: 'shop', level: 1 }).waitFor();
  await press(button(page, 'Test connection'));
  await page.getByText('PrivateEndpointRequired').first().waitFor();
  await press(button(page, 'Request the endpoint'));
  const form = page.getByRole('dialog');
  assert.ok(await form.getByLabel(/Blob Storage/).isChecked());
  // The engineer has no role on the store, so nobody told the page where it is.
  await write(form.getByLabel('Its resource id'), estate.account('studioshop'));
  await write(form.getByLabel('Reason'), 'Nightly films, ask the film team');
  await press(form.getByRole('button', { name: 'Send the request' }));
  await form.waitFor({ state: 'detached' });
};

/** The owner, who looks at the approvals, sees it come, who asks and why, and approves it. */
export const approve = async ({ page, press, write }: Actor): Promise<void> => {
  await press(link(page, 'studio-factory.studioshop-blob'));
  const detail = page.getByRole('complementary');
  await detail.getByText('Nightly films, ask the film team').first().waitFor();
  await press(detail.getByRole('button', { name: 'Approve' }));
  const dialog = page.getByRole('dialog');
  await write(dialog.getByLabel('Your words'), 'Until June');
  await press(dialog.getByRole('button', { name: 'Approve' }));
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Nothing waits for you').waitFor();
};

/** Tests `shop` again and looks into it. */
export const browseStore = async ({ page, press }: Actor): Promise<void> => {
  await press(link(page, 'Linked services'));
  await press(link(page, 'shop'));
  await press(button(page, 'Test connection'));
  await page.getByText('Connection successful.').waitFor();
  await press(button(page, 'Browse the store'));
  await press(button(page, 'box'));
  await press(button(page, 'films'));
  await page.getByText('2026.csv').waitFor();
};

/** Makes the dataset `films` of what it finds in the store. */
export const makeDataset = async ({ page, press, write, choose, check }: Actor): Promise<void> => {
  await press(link(page, 'Datasets'));
  await press(button(page, 'New dataset').first());
  await write(page.getByRole('textbox', { name: 'Name', exact: true }), 'films');
  await choose(page.getByLabel('Linked service'), 'shop');
  await press(page.locator('summary', { hasText: 'Pick it from the store' }));
  await press(button(page, 'box'));
  await press(button(page, 'films'));
  await press(button(page, '2026.csv'));
  assert.equal(await page.getByLabel('File name').inputValue(), '2026.csv');
  await check(page.getByLabel('First row as header'));
  await press(button(page, 'Preview the data'));
  await page.getByRole('cell', { name: 'Film 7', exact: true }).waitFor();
  await press(button(page, 'Save'));
  await page.getByRole('heading', { name: 'films', level: 1 }).waitFor();
};

/** Begins the pipeline `copyfilms` with a copy on its canvas. */
export const drawCopy = async ({ page, press, write, choose }: Actor): Promise<void> => {
  await press(link(page, 'Pipelines'));
  await press(button(page, 'New pipeline').first());
  await write(page.getByRole('textbox', { name: 'Name', exact: true }), 'copyfilms');
  await press(button(page, 'Copy'));
  await choose(page.getByLabel('Source'), 'smallfile');
  await choose(page.getByLabel('Sink'), 'smallcopy');
};

/** Debugs what is on the canvas, which has an activity `CopyFilms`, and saves it. */
export const debugAndSave = async ({ page, press }: Actor): Promise<void> => {
  await press(button(page, 'Debug'));
  await press(page.getByRole('dialog').getByRole('button', { name: 'Run' }));
  await page.getByRole('row', { name: /CopyFilms.*Succeeded/ }).waitFor();
  await press(button(page, 'Save'));
  await page.getByRole('heading', { name: 'copyfilms', level: 1 }).waitFor();
};

/** What a copy needs beside `shop`: the store `lake`, and files of both as datasets. */
export const furnishSink = async (estate: StudioEstate): Promise<void> => {
  const { put, factory, network } = estate;
  const reference = (type: string, referenceName: string) => ({ type, referenceName });
  await put(`${network}/managedPrivateEndpoints/lake?${adf}`, {
    properties: { privateLinkResourceId: estate.account('studiolake'), groupId: 'blob' },
  });
  await estate.decide('studiolake', 'Approved', 'ours');
  await put(`${factory}/linkedservices/lake?${adf}`, {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: reference('IntegrationRuntimeReference', 'sealed'),
      typeProperties: { connectionString: estate.connectionString.studiolake },
    },
  });
  for (const [name, service, container, fileName] of [
    ['smallfile', 'shop', 'box', 'films/2026.csv'],
    ['smallcopy', 'lake', 'output', 'films.csv'],
  ] as const)
    await put(`${factory}/datasets/${name}?${adf}`, {
      properties: {
        type: 'Binary',
        linkedServiceName: reference('LinkedServiceReference', service),
        typeProperties: { location: { type: 'AzureBlobStorageLocation', container, fileName } },
      },
    });
};
