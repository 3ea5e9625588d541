import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CosmosStage, cosmosDataset, openCosmos } from '../../../test/copy/cosmos.ts';
import { openStage } from '../../../test/copy/stage.ts';
import { look } from './look.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
let cosmos: CosmosStage;
before(async () => {
  stage = await openStage();
  cosmos = await openCosmos(stage);
});
after(async () => {
  cosmos?.close();
  await stage?.close();
});

const { signal } = new AbortController();
const lookAt = (path: string, more: { key?: string; database?: string } = {}) => {
  const { linkedService } = cosmosDataset(cosmos, 'any', {
    typeProperties: {
      accountEndpoint: cosmos.endpoint,
      accountKey: { type: 'SecureString', value: more.key ?? cosmos.key },
      database: more.database ?? 'shop',
    },
  });
  return Array.fromAsync(
    look({ values: linkedService.typeProperties, where: 'Docs.typeProperties' }, path, signal, undefined),
  );
};

test('one looks around in a database, and tests a connection by it', async () => {
  assert.deepEqual(await lookAt(''), []);
  await cosmos.container('films');
  await cosmos.container('actors');
  const found = (await lookAt('')).toSorted((one, other) => one.name.localeCompare(other.name));
  assert.deepEqual(found, [
    { name: 'actors', kind: 'Collection', path: 'actors' },
    { name: 'films', kind: 'Collection', path: 'films' },
  ]);
  await assert.rejects(lookAt('films'), { errorCode: 'UserErrorInvalidPath' });
});

test('a wrong key and a missing database are said', async () => {
  await assert.rejects(lookAt('', { database: 'nowhere' }), {
    errorCode: 'UserErrorCosmosDbDatabaseNotFound',
    message: /'nowhere' does not exist\. Account: \S+, database: nowhere\. /,
  });
  await assert.rejects(lookAt('', { key: Buffer.alloc(64).toString('base64') }), {
    errorCode: 'CosmosDbSqlApiOperationFailed',
    message: /refused the credential/,
  });
});
