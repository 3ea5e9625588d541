import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferReader } from './buffer-reader.ts';
import { federationInfo, readFederated, readFederatedToken } from './federated.ts';
import { ProtocolError } from './packet.ts';

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const feature = (id: number, data: Buffer) => Buffer.concat([Buffer.from([id]), number(data.length), data]);
const extension = (...features: Buffer[]) => Buffer.concat([...features, Buffer.from([0xff])]);
const read = (data: Buffer) => readFederated(new BufferReader(data));
const text = Buffer.from('a.b.c', 'utf16le');
const withToken = (options: number) => feature(2, Buffer.concat([Buffer.from([options]), number(text.length), text]));
const utf8 = feature(10, Buffer.from([1]));

test('a token, a token that comes later and what is neither are told apart', () => {
  assert.deepEqual(read(extension(utf8, withToken(0b011))), { kind: 'token', token: 'a.b.c', echoes: true });
  assert.deepEqual(read(extension(withToken(0b010), utf8)), { kind: 'token', token: 'a.b.c', echoes: false });
  assert.deepEqual(read(extension(feature(2, Buffer.from([0b101, 1])))), { kind: 'later', echoes: true });
  assert.deepEqual(read(extension(withToken(0))), { kind: 'other' });
  assert.equal(read(extension(utf8)), null);
  assert.equal(readFederatedToken(Buffer.concat([number(4 + text.length), number(text.length), text])), 'a.b.c');
});

test('what ends before what it says it holds ends in a protocol error, wherever it is cut', () => {
  const whole = extension(utf8, withToken(0b011));
  // All but the mark of the end, which nothing is read after.
  for (let length = 0; length < whole.length - 1; length++)
    assert.throws(() => read(whole.subarray(0, length)), ProtocolError, `${length}`);
  const lying = [number(0xffff_ffff), number(0x7fff_ffff)];
  for (const length of lying) {
    const data = Buffer.concat([Buffer.from([0b011]), length, text]);
    assert.throws(() => read(extension(feature(2, data))), ProtocolError);
    assert.throws(() => readFederatedToken(Buffer.concat([length, length, text])), ProtocolError);
    assert.throws(() => readFederatedToken(Buffer.concat([number(4 + text.length), length, text])), ProtocolError);
  }
});

test('where tokens are to be had stands where the table says', () => {
  const told = federationInfo('https://localhost:1/tenant', 'https://database.windows.net/');
  const body = told.subarray(5);
  assert.deepEqual([told[0], told.readUInt32LE(1), body.readUInt32LE(0)], [0xee, body.length, 2]);
  const at = (place: number) => {
    const [length, offset] = [body.readUInt32LE(place + 1), body.readUInt32LE(place + 5)];
    return [body[place], body.subarray(offset, offset + length).toString('utf16le')];
  };
  assert.deepEqual(at(4), [1, 'https://localhost:1/tenant']);
  assert.deepEqual(at(13), [2, 'https://database.windows.net/']);
});
