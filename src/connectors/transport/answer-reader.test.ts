import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, BrokenAnswer, createAnswerReader } from './answer-reader.ts';

/** Reads an answer that comes in these pieces; then the connection ends. `direct`: as a connection does that reads into `space`. */
const read = (pieces: readonly (string | Buffer)[], method = 'GET', into?: Buffer, direct = false): Answer => {
  const reader = createAnswerReader(method, into);
  for (const piece of pieces) {
    let bytes = Buffer.from(piece as string, 'latin1');
    while (bytes.length > 0) {
      const space = direct ? reader.space() : undefined;
      const length = space ? bytes.copy(space) : bytes.length;
      const answer = space ? reader.filled(length) : reader.push(bytes);
      bytes = bytes.subarray(length);
      if (answer) return { ...answer, isReusable: answer.isReusable && bytes.length === 0 };
    }
  }
  return reader.end();
};
const broken = (text: string, code = 'PARSE_ERROR', into?: Buffer) =>
  assert.throws(
    () => read([text], 'GET', into),
    (error: Error) => error instanceof BrokenAnswer && error.code === code,
  );

const body = '0123456789abcdef'.repeat(3);
const chunked = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: Chunked\r\n\r\n10;x=y\r\n${body.slice(0, 16)}\r\n20\r\n${body.slice(16)}\r\n0\r\nTrailer: t\r\n\r\n`;
const counted = `HTTP/1.1 206 Partial Content\r\nContent-Length: 48\r\nX-Empty:\r\n\r\n${body}`;

test('an answer is the same however it is cut', () => {
  for (const text of [chunked, counted])
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: text.length }), { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (cuts, isInto, direct) => {
          const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
          const pieces = places.slice(1).map((to, at) => text.slice(places[at], to));
          const into = isInto ? Buffer.alloc(body.length) : undefined;
          const answer = read(pieces, 'GET', into, direct);
          assert.equal(String(into ?? answer.text), body);
          assert.equal(answer.text.length, isInto ? 0 : body.length);
          assert.equal(answer.isReusable, true);
        },
      ),
    );
  assert.deepEqual(read([counted]).headers, [
    ['content-length', '48'],
    ['x-empty', ''],
  ]);
});

test('an error is text, also where memory was given for the bytes', () => {
  const into = Buffer.alloc(4, 7);
  const { status, text } = read(['HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<gone>'], 'GET', into);
  assert.deepEqual([status, String(text), [...into]], [404, '<gone>', [7, 7, 7, 7]]);
});

test('space is only where the bytes of a good answer of known length belong, and no longer than that', () => {
  const into = Buffer.alloc(8);
  const reader = createAnswerReader('GET', into);
  assert.equal(reader.space(), undefined);
  reader.push(Buffer.from('HTTP/1.1 206 OK\r\nContent-Length: 8\r\n\r\nab'));
  assert.deepEqual([reader.space()!.byteOffset - into.byteOffset, reader.space()!.length], [2, 6]);
  reader.space()!.write('cde');
  assert.equal(reader.filled(3), undefined);
  reader.space()!.write('fgh');
  assert.equal(reader.filled(3)?.isReusable, true);
  assert.deepEqual([reader.space(), String(into)], [undefined, 'abcdefgh']);
  const short = createAnswerReader('GET', into);
  short.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab'));
  assert.equal(short.space()!.length, 4);
  assert.throws(() => short.filled(4), { code: 'ConnectionEnded' });
  for (const head of [
    '404 No\r\nContent-Length: 8',
    '200 OK\r\nTransfer-Encoding: chunked',
    '200 OK\r\nContent-Length: 9',
    '200 OK',
  ]) {
    const other = createAnswerReader('GET', into);
    other.push(Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`));
    assert.equal(other.space(), undefined, head);
  }
});

test('answers without a body, and one that lasts as long as the connection', () => {
  assert.equal(read(['HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'], 'HEAD').isReusable, true);
  assert.equal(read(['HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n']).text.length, 0);
  const { text, isReusable } = read(['HTTP/1.1 200 OK\r\n\r\nto the', ' end']);
  assert.deepEqual([String(text), isReusable], ['to the end', false]);
});

test('a connection is not asked again where its store closes it, or said more than its answer', () => {
  assert.equal(read(['HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n']).isReusable, false);
  assert.equal(read(['HTTP/1.0 201 Created\r\nContent-Length: 0\r\n\r\n']).isReusable, false);
  assert.equal(read(['HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK']).isReusable, false);
});

test('what is not clear is not believed', () => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  broken('HTTP/2 200 OK\r\n\r\n');
  broken('SSH-2.0-x\r\n\r\n');
  broken(`${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`);
  broken(`${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na`);
  broken(`${ok}Content-Length: -1\r\n\r\n`);
  broken(`${ok}Content-Length: 1e3\r\n\r\n`);
  broken(`${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`);
  broken(`${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`);
  broken(`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`);
  broken(`${ok}A: b\r\n folded\r\n\r\n`);
  broken(`${ok}A b: c\r\n\r\n`);
  broken(`${ok}A: b\0c\r\n\r\n`);
});

test('memory is bounded: heads, lines of chunks, and bytes that nobody asked for', () => {
  broken(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(40_000)}`);
  broken(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(2000)}`);
  broken('HTTP/1.1 206 OK\r\nContent-Length: 5\r\n\r\nabcde', 'PARSE_ERROR', Buffer.alloc(4));
  const large = `HTTP/1.1 200 OK\r\nContent-Length: ${40 * 2 ** 20}\r\n\r\n`;
  const reader = createAnswerReader('GET');
  reader.push(Buffer.from(large));
  assert.throws(() => {
    for (let at = 0; at < 40; at += 1) reader.push(Buffer.alloc(2 ** 20));
  }, BrokenAnswer);
});

test('an answer that ends too early is broken off, not short', () => {
  broken('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', 'ConnectionEnded');
  broken('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc', 'ConnectionEnded');
  broken('HTTP/1.1 200', 'ConnectionEnded');
  broken('', 'ConnectionEnded');
  broken('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'ConnectionEnded', Buffer.alloc(4));
});
