import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityError } from '../../base/error.ts';
import { LoginRefused, sqlFailure, troubleOf } from './failure.ts';
import type { Login } from './login.ts';

const password = 'correct horse';
const login: Login = {
  host: 'acme.database.windows.net',
  port: 1433,
  database: 'sales',
  credential: { kind: 'password', user: 'reader', password },
  isStrict: false,
  certificateName: undefined,
  timeoutMs: 1000,
};
const thrown = (more: object, message = 'words of the server') => Object.assign(new Error(message), more);
const failureOf = (error: unknown, doing: string, as = login) => {
  const failure = sqlFailure(error, as, doing);
  assert.ok(failure instanceof ActivityError);
  assert.ok(!JSON.stringify([failure.message, failure.details]).includes(password));
  return failure;
};

test('a server that is busy or moves is asked again, one that says no is not', () => {
  for (const number of [40613, 40501, 40197, 49918, 10928, 1205])
    assert.equal(troubleOf(new LoginRefused(thrown({}), number)), 'busy', String(number));
  for (const number of [18456, 4060, 208, 2627]) assert.equal(troubleOf(thrown({ number })), 'final', String(number));
  assert.equal(troubleOf(thrown({ code: 'ESOCKET' })), 'refused');
  assert.equal(troubleOf(thrown({ code: 'ETIMEOUT' })), 'final');
  assert.equal(troubleOf(new AggregateError([thrown({ number: 40613 }), thrown({ number: 1 })])), 'busy');
});

test('why nobody can connect is said with the number and what to change', () => {
  for (const [error, message] of [
    [new LoginRefused(thrown({}), 18456), /user name or the password.*SqlErrorNumber=18456/],
    [new LoginRefused(thrown({}), 4060), /database does not exist.*SqlErrorNumber=4060/],
    [new LoginRefused(thrown({}), 47073), /private endpoint only.*SqlErrorNumber=47073/],
    [new LoginRefused(thrown({}), 40613), /words of the server.*SqlErrorNumber=40613/],
    [thrown({ code: 'ESOCKET', cause: thrown({ code: 'ECONNRESET' }) }), /a private endpoint leads.*ECONNRESET/],
    [thrown({ code: 'ESOCKET', cause: thrown({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }) }), /certificate.*authority/],
  ] as const) {
    const failure = failureOf(error, 'connect');
    assert.equal(failure.errorCode, 'SqlFailedToConnect');
    assert.match(
      failure.message,
      /^Cannot connect to SQL Database: 'acme.database.windows.net,1433', Database: 'sales', User: 'reader'/,
    );
    assert.match(failure.message, message);
  }
});

test('an identity that is not let in is named, and what to do about it; its token is not shown', () => {
  const access = { token: password, expiresAt: '2030-01-01T00:00:00Z', holder: "the factory 'f'" };
  const as: Login = { ...login, credential: { kind: 'token', ...access } };
  const { errorCode, message } = failureOf(new LoginRefused(thrown({}), 18456), 'connect', as);
  assert.equal(errorCode, 'SqlFailedToConnect');
  assert.match(message, /let in the factory 'f'.*administrator.*'sales'.*2030.*SqlErrorNumber=18456/);
});

test('a failed operation has the server’s first words and its number; a lost connection is one', () => {
  const failed = failureOf(
    new AggregateError([thrown({ code: 'EREQUEST', number: 547 }), thrown({ number: 3621 })]),
    'write',
  );
  assert.equal(failed.errorCode, 'SqlOperationFailed');
  assert.match(failed.message, /'words of the server'\. SqlErrorNumber=547/);
  assert.equal(failureOf(thrown({ code: 'ETIMEOUT' }), 'read').errorCode, 'SqlOperationFailed');
  assert.equal(failureOf(thrown({ code: 'ESOCKET' }), 'read').errorCode, 'SqlFailedToConnect');
  const own = new ActivityError('TypeConversionFailure', 'x');
  assert.equal(sqlFailure(own, login, 'write'), own);
});
