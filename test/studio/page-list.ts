// Every page of the Studio with something on it, for whoever looks at them all.
import type { Page } from 'playwright-core';
import { adf, type StudioEstate, sealFactory } from './studio-estate.ts';

/** Words that would run as a script where they are not kept as words. */
export const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

/** The address of a page of the factory that `furnish` makes. */
export const factoryPage = (page = '') => `/studio/factories/studio/studio-factory${page}`;

/** A factory with two endpoints, a linked service, a dataset and the pipeline `two`; everywhere somebody wrote hostile words. */
export const furnish = async (estate: StudioEstate): Promise<void> => {
  const { put, factory, network, account } = estate;
  await sealFactory(put, factory);
  for (const [name, groupId] of [
    ['shop', 'blob'],
    ['table', 'table'],
  ] as const)
    await put(`${network}/managedPrivateEndpoints/${name}?${adf}`, {
      properties: { privateLinkResourceId: account('studioshop'), groupId, requestMessage: hostile },
    });
  await put(`${factory}/linkedservices/shop?${adf}`, {
    properties: {
      type: 'AzureBlobStorage',
      description: hostile,
      connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
      typeProperties: { connectionString: estate.connectionString.studioshop },
    },
  });
  await put(`${factory}/datasets/films?${adf}`, {
    properties: {
      type: 'DelimitedText',
      linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'shop' },
      typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'box', fileName: 'films/2026.csv' } },
    },
  });
  const greeting = (name: string) => ({ name, type: 'HelloWorld', typeProperties: { name: hostile } });
  await put(`${factory}/pipelines/two?${adf}`, {
    properties: {
      description: hostile,
      activities: [
        greeting('First'),
        { ...greeting('Second'), dependsOn: [{ activity: 'First', dependencyConditions: ['Succeeded'] }] },
      ],
    },
  });
};

/** Runs the pipeline `two`. */
export const runTwo = async (estate: StudioEstate): Promise<string> => {
  const { runId } = await estate.postern.admin.call('POST', `${estate.factory}/pipelines/two/createRun?${adf}`, {});
  return String(runId);
};

/** Has a worker of a factory try its network, so that there are flows. */
export const probe = async (estate: StudioEstate, factory: string): Promise<void> => {
  const path = `${factory}/providers/Postern.Network/reachability?probe=true&api-version=2026-11-01`;
  await estate.postern.admin.call('POST', path, {});
};

/** Addresses, and what stands on each once it is there. `runId` is a run of `two`. */
export const pagesOf = (runId: string): [string, string | RegExp][] => [
  ['/studio/', 'wait for your answer'],
  ['/studio/factories', 'studio-factory'],
  ['/studio/factories?new', 'New factory'],
  ['/studio/approvals', 'studio-factory.shop'],
  ['/studio/approvals?state=Rejected', 'None is rejected'],
  ['/studio/stores', 'studiolake'],
  [factoryPage(), 'Managed network'],
  [factoryPage('/endpoints'), 'Blob Storage of studioshop'],
  [factoryPage('/endpoints/shop'), 'It waits for the owner'],
  [factoryPage('/endpoints?new'), 'What does it lead to?'],
  [factoryPage('/map'), 'Sealed network'],
  [factoryPage('/map?runtime=sealed&host=studioshop.blob.core.windows.net&port=443'), 'EndpointPending'],
  [factoryPage('/flows'), /No flow yet|Denied|Allowed/],
  [factoryPage('/reachability'), 'EndpointPending'],
  [factoryPage('/egress'), 'Any host on port 443'],
  [factoryPage('/audit'), 'requested it'],
  [factoryPage('/linked-services'), 'AzureBlobStorage'],
  [factoryPage('/linked-services/shop'), 'Test connection'],
  [factoryPage('/linked-services/~new'), 'Test connection'],
  [factoryPage('/datasets'), 'DelimitedText'],
  [factoryPage('/datasets/films'), 'Preview the data'],
  [factoryPage('/pipelines'), 'HelloWorld'],
  [factoryPage('/pipelines/two'), 'Second'],
  [factoryPage('/runs'), 'administrator'],
  [factoryPage(`/runs/${runId}`), 'First'],
  [factoryPage(`/runs/${runId}?view=graph`), 'Second'],
  [factoryPage(`/runs/${runId}?view=gantt`), 'Second'],
  ['/studio/nowhere', 'There is no such page'],
];

/** Something that opens on a page: a dialog, a panel, another view. */
export type Opened = { address: string; sign: string | RegExp; open(page: Page): Promise<void> };

const press =
  (name: string | RegExp, within: 'main' | 'dialog' | 'header' = 'main') =>
  (page: Page) =>
    page
      .locator(within)
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click();

const dialogAfter =
  (name: string | RegExp, ...before: ((page: Page) => Promise<void>)[]) =>
  async (page: Page) => {
    for (const step of before) await step(page);
    await press(name)(page);
    await page.getByRole('dialog').waitFor();
  };

const panelOf = (name: RegExp) => async (page: Page) => {
  await page.getByRole('link', { name }).first().click();
  await page.getByRole('complementary').waitFor();
};

/** What opens on pages, by a name of its own. */
export const openedOf = (runId: string): Readonly<Record<string, Opened>> => ({
  'opened-endpoint-form': {
    address: factoryPage('/endpoints?new'),
    sign: 'What does it lead to?',
    open: async (page) => {
      await page.getByText('Blob Storage', { exact: true }).first().click();
      await page.getByLabel('Reason').waitFor();
    },
  },
  'opened-endpoint-delete': {
    address: factoryPage('/endpoints/shop'),
    sign: 'It waits for the owner',
    open: dialogAfter('Delete the endpoint'),
  },
  'opened-approval': {
    address: '/studio/approvals',
    sign: 'studio-factory.shop',
    open: panelOf(/studio-factory.shop/),
  },
  'opened-approval-form': {
    address: '/studio/approvals',
    sign: 'studio-factory.shop',
    open: dialogAfter('Approve', panelOf(/studio-factory.shop/)),
  },
  'opened-store': { address: '/studio/stores', sign: 'studiolake', open: panelOf(/studioshop/) },
  'opened-runtime-form': {
    address: factoryPage(),
    sign: 'Managed network',
    open: dialogAfter('New runtime'),
  },
  'opened-run-form': { address: factoryPage('/pipelines/two'), sign: 'Second', open: dialogAfter('Run') },
  'opened-delete-form': { address: factoryPage('/pipelines/two'), sign: 'Second', open: dialogAfter('Delete') },
  'opened-activity-form': {
    address: factoryPage('/pipelines/two'),
    sign: 'Second',
    open: async (page) => {
      await page.locator('.react-flow__node').getByText('Second').click();
      await page.getByLabel('Timeout').first().waitFor();
    },
  },
  'opened-json': {
    address: factoryPage('/pipelines/two'),
    sign: 'Second',
    open: async (page) => {
      await page.getByRole('tab', { name: 'JSON' }).click();
      await page.getByLabel('pipeline as JSON').waitFor();
    },
  },
  'opened-activity-run': { address: factoryPage(`/runs/${runId}`), sign: 'First', open: panelOf(/^First/) },
  'opened-reachability-cell': {
    address: factoryPage('/reachability'),
    sign: 'EndpointPending',
    open: async (page) => {
      await page
        .getByRole('button', { name: /EndpointPending/ })
        .first()
        .click();
      await page.getByRole('complementary').waitFor();
    },
  },
  'opened-navigation': {
    address: '/studio/stores',
    sign: 'studiolake',
    open: async (page) => {
      const toggle = page.getByRole('button', { name: 'Navigation' });
      if (await toggle.isVisible()) await toggle.click();
    },
  },
});
