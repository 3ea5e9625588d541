// An owner changes their mind while a run reads from their store: everybody sees it at once, with the reason.
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { assignRole, findRole } from '../../src/cli/identity.ts';
import type { Person } from './browser.ts';
import { type EndlessStore, openEndlessStore } from './endless-store.ts';
import { factoryPage, furnish } from './page-list.ts';
import { open, openScene, type Scene, skip } from './scene.ts';
import { button } from './step.ts';
import { adf, type StudioEstate, storage } from './studio-estate.ts';

const words = 'The contract has ended';

let scene: Scene;
let store: EndlessStore;
let engineer: Person;
let owner: Person;

/** The account `endless`, approved, and the pipeline `endless`, whose activity `Read` never comes to its end. */
const furnishEndless = async (estate: StudioEstate, { backend }: EndlessStore) => {
  const { put, factory, network, account, owner: person } = estate;
  const { admin } = estate.postern;
  const reference = (type: string) => ({ type: `${type}Reference`, referenceName: 'endless' });
  await put(`${account('endless')}?${storage}`, {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
    tags: { 'postern-backend': backend },
  });
  const role = await findRole(admin, 'Storage Account Contributor');
  await assignRole(admin, person.objectId, role, account('endless'));
  await put(`${network}/managedPrivateEndpoints/endless?${adf}`, {
    properties: { privateLinkResourceId: account('endless'), groupId: 'blob' },
  });
  await estate.decide('endless', 'Approved', 'Until June');
  const key = Buffer.alloc(64).toString('base64');
  await put(`${factory}/linkedservices/endless?${adf}`, {
    properties: {
      type: 'AzureBlobStorage',
      connectVia: { type: 'IntegrationRuntimeReference', referenceName: 'sealed' },
      typeProperties: { connectionString: `AccountName=endless;AccountKey=${key}` },
    },
  });
  await put(`${factory}/datasets/endless?${adf}`, {
    properties: {
      type: 'DelimitedText',
      linkedServiceName: reference('LinkedService'),
      typeProperties: { location: { type: 'AzureBlobStorageLocation', container: 'box', fileName: 'endless.csv' } },
    },
  });
  const source = { type: 'DelimitedTextSource', storeSettings: { type: 'AzureBlobStorageReadSettings' } };
  await put(`${factory}/pipelines/endless?${adf}`, {
    properties: {
      activities: [{ name: 'Read', type: 'Lookup', typeProperties: { source, dataset: reference('Dataset') } }],
    },
  });
};

before(async () => {
  if (skip) return;
  scene = await openScene();
  const { estate } = scene;
  store = await openEndlessStore(estate.postern, 'endless');
  await furnish(estate);
  await furnishEndless(estate, store);
  engineer = await scene.signIn('engineer');
  owner = await scene.signIn('owner');
  // What these windows show in time they show because they were told: whatever they would do after a second or more, as to
  // ask again of their own accord, they never do.
  await engineer.context.addInitScript({
    content: `for (const name of ['setTimeout', 'setInterval']) {
      const own = window[name];
      window[name] = (run, ms, ...more) => (ms >= 1000 ? 0 : own(run, ms, ...more));
    }`,
  });
});
after(async () => {
  await scene?.close();
  store?.close();
});

/** A window of the engineer's at an address, once it is live. */
const watch = async (address: string): Promise<Page> => {
  const page = await engineer.context.newPage();
  await open({ ...engineer, page }, factoryPage(address));
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
};

test('a live revocation shows on the map, in the run and in the list of flows within a second, with the reason', {
  skip,
}, async (t) => {
  const map = await watch('/map');
  const flows = await watch('/flows');
  const gate = map.getByRole('region', { name: 'Network map' }).getByRole('button', { name: /^endless/ });
  const run = await watch('/pipelines/endless');
  await button(run, 'Run').click();
  await run.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  await run.getByRole('row', { name: /Read.*Running/ }).waitFor();
  await store.reading();
  await gate.getByText('1 live').waitFor();
  await flows.getByRole('row', { name: /endless\.blob.*Allowed.*Live/ }).waitFor();

  const { page } = owner;
  await open(owner, '/studio/approvals?state=Approved');
  await page.getByRole('link', { name: 'studio-factory.endless' }).click();
  await button(page, 'Revoke').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/This cuts one live flow/).waitFor();
  await dialog.getByLabel('Your words').fill(words);

  const revokedAt = performance.now();
  const shown = async (where: string, seen: Promise<void>) => {
    await seen;
    t.diagnostic(`${where}: ${Math.round(performance.now() - revokedAt)} ms after the click`);
  };
  await Promise.all([
    dialog.getByRole('button', { name: 'Revoke' }).click(),
    shown('map', gate.filter({ hasText: 'Rejected' }).getByText(words).waitFor()),
    shown('run', run.getByRole('row', { name: /Read.*Failed/ }).waitFor()),
    shown(
      'flows',
      flows
        .getByRole('row', { name: RegExp(`endless.*EndpointRejected.*Cut.*${words}`) })
        .first()
        .waitFor(),
    ),
  ]);
  await run.getByRole('link', { name: 'Read' }).click();
  const detail = run.getByRole('complementary');
  await detail.getByText('EndpointRejected').first().waitFor();
  await detail.getByText(words).first().waitFor();
  await detail.getByText('What to do:').first().waitFor();
});
