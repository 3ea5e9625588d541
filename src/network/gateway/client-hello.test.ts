import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  extension,
  helloMessage,
  inRecords,
  nameEntry,
  nameExtension,
  realHello,
} from '../../../test/network/client-hello.ts';
import { canonicalHost } from '../policy/host-name.ts';
import { createHelloReader, maxHelloBytes } from './client-hello.ts';

const host = 'api.example.com';
const hello = await realHello(host);
const message = helloMessage(nameExtension(nameEntry(host)));

const changeCipher = Buffer.from([20, 3, 3, 0, 1, 1]);

/** What a reader says of these pieces: its first answer. */
const read = (...pieces: Uint8Array[]): string | null | undefined => {
  const reader = createHelloReader();
  for (const piece of pieces) {
    const said = reader.push(piece);
    if (said !== undefined) return said;
  }
  return undefined;
};

const inPieces = (bytes: Buffer, length: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length));

test('the name of a real client is read, in any case', async () => {
  assert.equal(read(hello), host);
  assert.equal(read(await realHello('API.Example.COM')), host);
  assert.equal(read(await realHello('')), null);
});

test('where a host asked again, a change of cipher and early data may come before it, and nothing else', () => {
  const earlyData = Buffer.from([23, 3, 3, 0, 2, 1, 1]);
  const say = (...pieces: Uint8Array[]) => createHelloReader('again').push(Buffer.concat(pieces));
  assert.equal(say(inRecords(message)), host);
  assert.equal(say(changeCipher, earlyData, earlyData, inRecords(message)), host);
  assert.equal(say(changeCipher, inRecords(message).subarray(0, 30)), undefined);
  assert.equal(say(Buffer.from([21, 3, 3, 0, 2, 1, 0]), inRecords(message)), null);
  assert.equal(say(inRecords(message.subarray(0, 10)), changeCipher, inRecords(message.subarray(10))), null);
  assert.equal(say(Buffer.concat(Array.from({ length: 3000 }, () => earlyData))), null, 'within the bound');
});

test('it is read as soon as it is there, in pieces and records of any length, and nothing of it is lost', () => {
  for (const length of [1, 2, 7, 100]) assert.equal(read(...inPieces(hello, length)), host, `${length}`);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (record, piece) => {
      const sent = inRecords(message, record);
      const reader = createHelloReader();
      const pieces = inPieces(sent, piece);
      const said = pieces.map((each) => reader.push(each));
      assert.equal(said.at(-1), host);
      assert.ok(said.slice(0, -1).every((each) => each === undefined));
      assert.deepEqual(Buffer.concat([reader.hello(), reader.behind()]), sent);
    }),
  );
});

test('what follows the hello at once is kept, however long', () => {
  const more = Buffer.alloc(100_000, 23);
  const reader = createHelloReader();
  assert.equal(reader.push(Buffer.concat([hello, more])), host);
  assert.deepEqual(Buffer.from(reader.hello()), hello);
  assert.deepEqual(Buffer.from(reader.behind()), more);
});

test('part of a hello is no answer yet', () => {
  for (let length = 0; length < hello.length; length += 1) assert.equal(read(hello.subarray(0, length)), undefined);
});

test('what is not plainly one host name is none', () => {
  const one = nameExtension(nameEntry(host));
  const none: [string, Buffer][] = [
    ['no extension', inRecords(helloMessage())],
    ['two extensions', inRecords(helloMessage(one, one))],
    ['two names', inRecords(helloMessage(nameExtension(nameEntry(host), nameEntry('evil.example'))))],
    ['no entry', inRecords(helloMessage(nameExtension()))],
    ['another kind of name', inRecords(helloMessage(nameExtension(nameEntry(host, 1))))],
    ['NUL in the name', inRecords(helloMessage(nameExtension(nameEntry('api.example.com\0.evil.example'))))],
    ['no ASCII in the name', inRecords(helloMessage(nameExtension(nameEntry(Buffer.from([0x61, 0xff, 0x2e, 0x62])))))],
    ['an address', inRecords(helloMessage(nameExtension(nameEntry('127.0.0.1'))))],
    ['bytes behind the extensions', inRecords(Buffer.concat([longer(message, 1), Buffer.from([0])]))],
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n')],
    ['SSH', Buffer.from('SSH-2.0-x\r\n')],
    ['another message', inRecords(Buffer.concat([Buffer.from([2]), message.subarray(1)]))],
    ['another kind of record', inRecords(message, undefined, 23)],
    ['an alert between its records', alertBetween()],
    ['an encrypted hello inside', inRecords(helloMessage(one, extension(0xfe0d, Buffer.alloc(40))))],
    ['an encrypted name', inRecords(helloMessage(extension(0xffce, Buffer.alloc(40)), one))],
    ['another message in its record', inRecords(Buffer.concat([message, message]))],
    ['a change of cipher before it', Buffer.concat([changeCipher, inRecords(message)])],
    ['an empty record', Buffer.concat([Buffer.from([22, 3, 1, 0, 0]), inRecords(message)])],
    ['a message beyond the bound', Buffer.from([22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])],
    ['a record beyond the bound', Buffer.from([22, 3, 1, 0xff, 0xff])],
  ];
  assert.equal(read(inRecords(message)), host, 'the twin');
  for (const [what, bytes] of none) assert.equal(read(bytes), null, what);
});

/** The message with a length that counts `more` bytes behind it. */
const longer = (bytes: Buffer, more: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUIntBE(bytes.readUIntBE(1, 3) + more, 1, 3);
  return copy;
};

const alertBetween = (): Buffer =>
  Buffer.concat([
    inRecords(message.subarray(0, 10)),
    inRecords(Buffer.from([1, 0]), undefined, 21),
    inRecords(message.subarray(10)),
  ]);

test('hostile bytes end in a name or in none, never in an error, and within the bound', () => {
  const mutated = fc
    .array(fc.record({ at: fc.nat(hello.length - 1), to: fc.nat(255) }), { maxLength: 8 })
    .map((changes) => {
      const copy = Buffer.from(hello);
      for (const { at, to } of changes) copy[at] = to;
      return copy;
    });
  const wrapped = fc
    .uint8Array({ maxLength: 400 })
    .map((bytes) => inRecords(Buffer.concat([Buffer.from([1, 0, 0]), bytes])));
  const garbage = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const padding = Buffer.alloc(maxHelloBytes + 1);
  fc.assert(
    fc.property(fc.oneof(mutated, wrapped, garbage), fc.integer({ min: 1, max: 500 }), (bytes, length) => {
      const said = read(...inPieces(bytes, length), padding);
      assert.notEqual(said, undefined, 'so many bytes are always enough');
      if (typeof said === 'string') assert.equal(canonicalHost(said), said);
    }),
    { numRuns: 3000 },
  );
});
