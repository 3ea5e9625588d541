import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { copy, factoryKey, openFactory } from '../../test/stand-in/factory.ts';
import type { JsonObject } from '../base/json.ts';
import { accessProperty } from '../connectors/resolved.ts';
import type { FactoryIdentities, TokenUse } from './identity.ts';

const asked: [string, string, TokenUse][] = [];
let refuses = false;
const identities: FactoryIdentities = {
  require: async (key, use) => {
    asked.push(['require', key, use]);
    if (refuses) throw Object.assign(new Error('not you'), { code: 'ServicePrincipalRefused' });
  },
  tokenFor: async (key, use) => {
    asked.push(['token', key, use]);
    return { token: `for ${use.host}`, expiresAt: 'soon', holder: 'somebody' };
  },
};
const factory = await openFactory({ identities });
await factory.furnish();
after(factory.close);

const serviceEndpoint = 'https://acme.blob.core.windows.net';
const runWith = async (typeProperties: JsonObject) => {
  asked.length = 0;
  await factory.put('linkedservices', 'mine', { type: 'AzureBlobStorage', typeProperties });
  await factory.put('datasets', 'file', {
    type: 'Binary',
    linkedServiceName: { type: 'LinkedServiceReference', referenceName: 'mine' },
    typeProperties: {},
  });
  const inputs = [{ type: 'DatasetReference', referenceName: 'file' }];
  const run = await factory.run([{ ...copy('Films', 'echo'), inputs, outputs: [] }]);
  const [activity] = run.activities;
  const [input] = (activity?.output.inputs ?? []) as { linkedService: { typeProperties: JsonObject } }[];
  return { error: activity?.error, sent: input?.linkedService.typeProperties };
};

test('a worker gets a token in place of the secret, made for the one host that the linked service names', async () => {
  const { sent } = await runWith({
    serviceEndpoint,
    servicePrincipalId: 'app',
    servicePrincipalKey: { type: 'SecureString', value: 'hush' },
    tenant: 'tenant',
  });
  const access = { token: 'for acme.blob.core.windows.net', expiresAt: 'soon', holder: 'somebody' };
  assert.deepEqual(sent, { serviceEndpoint, servicePrincipalId: 'app', tenant: 'tenant', [accessProperty]: access });
  const servicePrincipal = { linkedService: 'mine', id: 'app', secret: 'hush', tenant: 'tenant' };
  const use = { kind: 'storage', host: 'acme.blob.core.windows.net', servicePrincipal };
  assert.deepEqual(asked, [
    ['require', factoryKey, use],
    ['token', factoryKey, use],
  ]);
});

test('a token that somebody wrote into a linked service is no token, with an identity and without', async () => {
  const forged = { [accessProperty]: { token: 'forged', expiresAt: 'never', holder: 'me' } };
  const mine = await runWith({ serviceEndpoint, ...forged });
  assert.equal((mine.sent![accessProperty] as JsonObject).token, 'for acme.blob.core.windows.net');
  const keyed = await runWith({ serviceEndpoint, accountKey: { type: 'SecureString', value: 'k' }, ...forged });
  assert.deepEqual([keyed.sent?.[accessProperty], asked.length], [undefined, 0]);
});

test('who cannot sign in has no worker started for them', async () => {
  refuses = true;
  const opened = factory.network.opened.length;
  const { error } = await runWith({ serviceEndpoint });
  assert.equal(error?.errorCode, 'ServicePrincipalRefused');
  assert.deepEqual([asked.map(([what]) => what), factory.network.opened.length], [['require'], opened]);
});
