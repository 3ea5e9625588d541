import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityError } from '../../base/error.ts';
import { shareFailure } from '../azure-file/failure.ts';
import type { Credential } from '../azure-storage/account.ts';
import { createCall } from '../azure-storage/call.ts';
import { MissingError } from '../missing-error.ts';
import { lakeFailure } from './failure.ts';

const dfs = 'https://acmelake.dfs.core.windows.net';
const thrown = (more: object) => Object.assign(new Error('the driver said'), { name: 'RestError', ...more });
const inLake = (error: unknown, doing: 'read' | 'write' = 'read') =>
  lakeFailure(error, dfs, { fileSystem: 'films', path: 'a/b.csv', doing }) as ActivityError;
const inShare = (error: unknown, doing: 'read' | 'write' = 'read') =>
  shareFailure(error, 'https://acmelake.file.core.windows.net', {
    share: 'films',
    path: 'a/b.csv',
    doing,
  }) as ActivityError;

test('what the store or the way to it said becomes a code, a place and a way out', () => {
  for (const [fail, error, doing, errorCode, message] of [
    [inLake, { statusCode: 404, code: 'PathNotFound' }, 'read', 'UserErrorFileNotFound', /'films'.*'a\/b\.csv'/],
    [inLake, { statusCode: 404, code: 'PathNotFound' }, 'write', 'ADLSGen2OperationFailed', /404 \(PathNotFound\)/],
    [inLake, { statusCode: 404, code: 'ContainerNotFound' }, 'read', 'UserErrorFileNotFound', /file system does not/],
    [inLake, { statusCode: 403, code: 'AuthenticationFailed' }, 'read', 'ADLSGen2ForbiddenError', /check the key/],
    [inLake, { statusCode: 412, code: 'ConditionNotMet' }, 'read', 'ADLSGen2OperationFailed', /changed by somebody/],
    [inLake, { statusCode: 503, code: 'ServerBusy' }, 'write', 'ADLSGen2OperationFailed', /503 \(ServerBusy\)/],
    [inLake, { code: 'ECONNRESET' }, 'read', 'ADLSGen2OperationFailed', /Unable to connect.*dfs and blob/],
    [inLake, { code: 'CERT_HAS_EXPIRED' }, 'read', 'ADLSGen2OperationFailed', /certificate of the server has expired/],
    [inShare, { statusCode: 404, code: 'ResourceNotFound' }, 'read', 'UserErrorFileNotFound', /films, path: a\/b\.csv/],
    [inShare, { statusCode: 404, code: 'ShareNotFound' }, 'read', 'UserErrorFileNotFound', /films/],
    [inShare, { statusCode: 404, code: 'ShareNotFound' }, 'write', 'AzureFileOperationFailed', /create it/],
    [inShare, { statusCode: 403, code: 'AuthenticationFailed' }, 'read', 'AzureFileOperationFailed', /check the key/],
    [
      inShare,
      { code: 'CERT_HAS_EXPIRED' },
      'read',
      'AzureFileOperationFailed',
      /certificate of the server has expired/,
    ],
  ] as const) {
    const failure = fail(thrown(error), doing);
    assert.ok(failure instanceof ActivityError);
    assert.equal(failure.errorCode, errorCode, JSON.stringify(error));
    assert.match(failure.message, message);
    assert.equal(failure instanceof MissingError, errorCode === 'UserErrorFileNotFound');
    assert.deepEqual([failure.details[0]?.code, failure.details[0]?.message], [error.code, 'the driver said']);
    assert.ok(!failure.message.includes('the driver said'));
  }
});

test('the host that was asked is named, which for Data Lake is one of two', () => {
  const error = thrown({ code: 'ECONNRESET', request: { url: 'https://acmelake.blob.core.windows.net/films?sig=s' } });
  assert.equal(inLake(error).details[0]?.host, 'acmelake.blob.core.windows.net');
  assert.match(inLake(error).message, /acmelake\.blob\.core\.windows\.net \(ECONNRESET\)/);
  assert.equal(inLake(thrown({ code: 'ECONNRESET' })).details[0]?.host, 'acmelake.dfs.core.windows.net');
  assert.ok(!JSON.stringify(inLake(error)).includes('sig=s'));
});

test('a store that is busy is asked again; a refusal is not', async () => {
  const call = createCall({ endpoint: dfs, credential: { kind: 'none' } }, (error) => inLake(error, 'write'));
  for (const [statusCode, code, calls] of [
    [503, 'ServerBusy', 2],
    [429, 'TooManyRequests', 2],
    [403, 'AuthenticationFailed', 1],
  ] as const) {
    let made = 0;
    const request = async () => {
      made += 1;
      if (made === 1) throw thrown({ statusCode, code });
      return 'done';
    };
    const result = call(undefined, new AbortController().signal, request);
    if (calls === 2) assert.equal(await result, 'done');
    else await assert.rejects(result, { errorCode: 'ADLSGen2ForbiddenError' });
    assert.equal(made, calls);
  }
});

test('an identity without a role learns which one it needs, and one whose token has ended that it has', async () => {
  const credential: Credential = {
    kind: 'token',
    token: 't',
    expiresAt: '2026-01-01T00:00:00Z',
    holder: 'the factory',
  };
  const refused = (code: string, statusCode: number, who: Credential) =>
    createCall({ endpoint: dfs, credential: who }, (error) => inLake(error, 'write'))(
      undefined,
      new AbortController().signal,
      () => Promise.reject(thrown({ statusCode, code })),
    );
  await assert.rejects(refused('AuthorizationPermissionMismatch', 403, credential), {
    errorCode: 'ADLSGen2ForbiddenError',
    message: /Give the factory a role on the storage account 'acmelake': Storage Blob Data Reader to read/,
  });
  await assert.rejects(refused('InvalidAuthenticationInfo', 401, credential), {
    errorCode: 'ADLSGen2ForbiddenError',
    message: /good until 2026-01-01T00:00:00Z/,
  });
  await assert.rejects(refused('AuthorizationPermissionMismatch', 403, { kind: 'none' }), (error: ActivityError) => {
    assert.doesNotMatch(error.message, /Give /);
    return true;
  });
});
