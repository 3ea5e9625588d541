// Every page of the Studio with something on it, for whoever looks at them all.
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
  [factoryPage('/flows'), /No flow yet|Began/],
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
