import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityError } from '../../base/error.ts';
import { troubleOf } from '../azure-storage/failure.ts';
import { type Attempt, blobFailure } from './failure.ts';

const endpoint = 'https://acmesales.blob.core.windows.net';
const thrown = (message: string, more: object) => Object.assign(new Error(message), { name: 'RestError', ...more });
const fail = (error: unknown, doing: Attempt['doing'] = 'read') => {
  const failure = blobFailure(error, endpoint, { container: 'box', path: 'a/b.csv', doing });
  assert.ok(failure instanceof ActivityError);
  return failure;
};

test('what a store or a network answers becomes a failure with a code of Azure, and its own code is the detail', () => {
  for (const [error, doing, errorCode, code, message] of [
    [
      { statusCode: 404, code: 'BlobNotFound' },
      'read',
      'UserErrorSourceBlobNotExist',
      'BlobNotFound',
      /box, path: a\/b\.csv/,
    ],
    [{ statusCode: 404, code: 'ContainerNotFound' }, 'write', 'AzureBlobOperationFailed', 'ContainerNotFound', /404/],
    [
      { statusCode: 403, code: 'AuthenticationFailed' },
      'write',
      'AzureBlobOperationFailed',
      'AuthenticationFailed',
      /refused the credential/,
    ],
    [
      { statusCode: 409, code: 'LeaseIdMissing' },
      'write',
      'AzureBlobOperationFailed',
      'LeaseIdMissing',
      /409 \(LeaseIdMissing\)/,
    ],
    [
      { statusCode: 412, code: 'ConditionNotMet' },
      'read',
      'AzureBlobOperationFailed',
      'ConditionNotMet',
      /changed by somebody else/,
    ],
    [
      { statusCode: 403, code: 'AuthorizationFailure' },
      'create the container',
      'AzureBlobFailedToCreateContainer',
      'AuthorizationFailure',
      /Container Name: box/,
    ],
    [
      { code: 'ECONNRESET' },
      'read',
      'AzureBlobOperationFailed',
      'ECONNRESET',
      /Unable to connect to the remote server acmesales\.blob\.core\.windows\.net/,
    ],
    [
      { code: 'REQUEST_SEND_ERROR', cause: { code: 'ENOTFOUND' } },
      'read',
      'AzureBlobOperationFailed',
      'ENOTFOUND',
      /Unable to connect/,
    ],
  ] as const) {
    const failure = fail(thrown('the driver said', error), doing);
    assert.equal(failure.errorCode, errorCode);
    assert.equal(failure.failureType, 'UserError');
    assert.match(failure.message, message);
    assert.ok(!failure.message.includes('the driver said'));
    assert.deepEqual(failure.details, [{ code, message: 'the driver said', host: 'acmesales.blob.core.windows.net' }]);
  }
});

test('no secret comes through', () => {
  for (const text of [
    `GET ${endpoint}/box?sv=2026&sig=SECRET&se=1 failed`,
    'AccountName=a;AccountKey=SECRET;EndpointSuffix=x',
    'authorization: SharedKey acmesales:SECRET',
    'SharedAccessSignature=SECRET&x',
  ])
    assert.ok(!JSON.stringify(fail(thrown(text, { statusCode: 400, code: 'Bad' })).details).includes('SECRET'), text);
});

test('a network that refuses is tried a little, a busy store longer, the rest not again', () => {
  assert.equal(troubleOf(thrown('', { code: 'ECONNRESET' })), 'refused');
  assert.equal(troubleOf(thrown('', { statusCode: 503 })), 'busy');
  assert.equal(troubleOf(thrown('', { statusCode: 403 })), 'final');
  assert.equal(troubleOf(new TypeError('a fault of ours')), 'final');
});
