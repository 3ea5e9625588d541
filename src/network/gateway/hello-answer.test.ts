import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helloAgain, inRecords, serverHello } from '../../../test/network/client-hello.ts';
import { createAnswerReader } from './hello-answer.ts';

/** What a reader says of these bytes: its first answer, byte by byte. */
const read = (bytes: Uint8Array): boolean | undefined => {
  const answer = createAnswerReader();
  for (const byte of bytes) {
    const said = answer(Uint8Array.of(byte));
    if (said !== undefined) return said;
  }
  return undefined;
};

const warning = Buffer.from([21, 3, 3, 0, 2, 1, 112]);

test('whether a host wants the hello again is read from its first message, in pieces and records of any size', () => {
  for (const each of [1, 7, 40, 16_384]) {
    assert.equal(read(inRecords(serverHello(helloAgain).subarray(5), each)), true, `${each}`);
    assert.equal(read(inRecords(serverHello().subarray(5), each)), false, `${each}`);
  }
  assert.equal(read(Buffer.concat([warning, serverHello(helloAgain)])), true, 'a warning before it');
});

test('what is no hello asks for none, and what is no answer yet is waited for, so long', () => {
  assert.equal(read(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), false);
  assert.equal(read(inRecords(Buffer.from([11, 0, 0, 0]))), false, 'another message');
  assert.equal(read(serverHello(helloAgain).subarray(0, 42)), undefined);
  assert.equal(read(Buffer.concat(Array.from({ length: 1000 }, () => warning))), false);
});
