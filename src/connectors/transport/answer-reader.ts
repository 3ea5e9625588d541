// One answer of HTTP/1.1, read from bytes as they come. What is asked for goes straight into the memory that it is for.
// Strict: a store that says two lengths, or none that can be read, is not believed. Pure.

/** What came back. `text` is the body, unless it went into the memory that was given. */
export type Answer = {
  status: number;
  /** In order; names in lower case. */
  headers: readonly (readonly [string, string])[];
  text: Buffer;
  /** Whether the connection may be asked again. */
  isReusable: boolean;
};

/** An answer that is none, or ends too early. */
export class BrokenAnswer extends Error {
  readonly code: string;

  constructor(message: string, code = 'PARSE_ERROR') {
    super(message);
    this.code = code;
  }
}

/** Reads until there is an answer. A chunk is not kept. Errors of both: `BrokenAnswer`. */
export type AnswerReader = {
  /** The answer, once it is whole. */
  push(chunk: Buffer): Answer | undefined;
  /** Where the next bytes belong, if it is known; nothing there is an answer's before `filled` says how many came. */
  space(): Buffer | undefined;
  /** So many bytes have been read into `space`, straight from the connection. The answer, once it is whole. */
  filled(length: number): Answer | undefined;
  /** What there is when the other side says no more. */
  end(): Answer;
};

const mostHeadBytes = 32 * 1024;
const mostTextBytes = 32 * 2 ** 20;
const mostLineBytes = 1024;

type Head = Pick<Answer, 'status' | 'headers'> & { minor: string };

const readHead = (text: string): Head => {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? [];
  if (!minor || !status) throw new BrokenAnswer('The store does not answer in HTTP/1.1.');
  const headers = lines.map((line) => {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new BrokenAnswer('The store sent a header that is none.');
    return [name.toLowerCase(), value!] as const;
  });
  return { status: Number(status), headers, minor };
};

/** How long the body is: bytes, `chunked`, or until the end of the connection. */
const framing = ({ status, headers }: Head, method: string): number | 'chunked' | 'end' => {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  const all = (wanted: string) => headers.flatMap(([name, value]) => (name === wanted ? [value] : []));
  const [lengths, codings] = [all('content-length'), all('transfer-encoding')];
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0]!.toLowerCase() !== 'chunked' || lengths.length > 0)
      throw new BrokenAnswer('The store does not say clearly how long its answer is.');
    return 'chunked';
  }
  if (lengths.length === 0) return 'end';
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!))
    throw new BrokenAnswer('The store does not say clearly how long its answer is.');
  return Number(lengths[0]);
};

/** Where the body of a successful answer goes, else it is kept as text. */
const createBody = (status: number, into: Buffer | undefined) => {
  const kept: Buffer[] = [];
  let used = 0;
  const target = status === 200 || status === 206 ? into : undefined;
  return {
    take: (bytes: Buffer) => {
      if (used + bytes.length > (target?.length ?? mostTextBytes))
        throw new BrokenAnswer(`The store sent more than the ${target?.length ?? mostTextBytes} bytes that were due.`);
      if (target) bytes.copy(target, used);
      else kept.push(Buffer.from(bytes));
      used += bytes.length;
    },
    /** What of the memory that was given is still to be filled. */
    rest: () => target?.subarray(used),
    /** Counts bytes that were read into `rest`. */
    skip: (length: number) => {
      used += length;
    },
    /** The text, once all is there. */
    whole: (): Buffer => {
      if (target && used !== target.length)
        throw new BrokenAnswer(`The store sent ${used} of ${target.length} bytes.`, 'ConnectionEnded');
      return Buffer.concat(kept);
    },
    get used() {
      return used;
    },
  };
};

/** Makes the reader of the answer to one request. `into`: what a successful answer has to fill, to the last byte. */
export const createAnswerReader = (method: string, into?: Buffer): AnswerReader => {
  let line = '';
  let head: Head | undefined;
  let body = createBody(0, undefined);
  let frame: number | 'chunked' | 'end' = 0;
  /** Bytes of the body, or of its current chunk, that are still to come. */
  let left = 0;
  let chunk: 'size' | 'data' | 'data end' | 'trailer' = 'size';

  /** Text up to `mark`, which may be cut by the end of a chunk; undefined while it is not there. */
  const textUntil = (
    mark: string,
    bytes: Buffer,
    from: number,
    most: number,
  ): { text: string; next: number } | undefined => {
    const before = line.length;
    line += bytes.toString('latin1', from, Math.min(bytes.length, from + most + mark.length - before));
    const end = line.indexOf(mark);
    if (end < 0 && line.length >= most) throw new BrokenAnswer(`The store sent a line of more than ${most} bytes.`);
    if (end < 0) return undefined;
    const text = line.slice(0, end);
    line = '';
    return { text, next: from + end + mark.length - before };
  };

  const whole = (isClean: boolean): Answer => {
    const { status, headers, minor } = head!;
    const closes = headers.some(([name, value]) => name === 'connection' && /\bclose\b/i.test(value));
    return { status, headers, text: body.whole(), isReusable: isClean && minor === '1' && !closes && frame !== 'end' };
  };

  const takeData = (bytes: Buffer, from: number): number => {
    const to = Math.min(bytes.length, from + left);
    body.take(bytes.subarray(from, to));
    left -= to - from;
    return to;
  };

  /** Reads on in a chunked body; gives where it stopped, and whether that was its end. */
  const takeChunked = (bytes: Buffer, from: number): { at: number; isEnd: boolean } => {
    let at = from;
    while (at < bytes.length) {
      if (chunk === 'data') {
        at = takeData(bytes, at);
        if (left === 0) chunk = 'data end';
        continue;
      }
      const found = textUntil('\r\n', bytes, at, mostLineBytes);
      if (!found) return { at: bytes.length, isEnd: false };
      at = found.next;
      if (chunk === 'trailer') {
        if (found.text === '') return { at, isEnd: true };
      } else if (chunk === 'data end') {
        if (found.text !== '') throw new BrokenAnswer('The store sent a chunk that is longer than it says.');
        chunk = 'size';
      } else {
        const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(found.text) ?? [];
        if (size === undefined) throw new BrokenAnswer('The store sent a chunk without a size.');
        left = Number.parseInt(size, 16);
        chunk = left === 0 ? 'trailer' : 'data';
      }
    }
    return { at, isEnd: false };
  };

  return {
    push: (bytes) => {
      let at = 0;
      while (!head) {
        const found = textUntil('\r\n\r\n', bytes, at, mostHeadBytes);
        if (!found) return undefined;
        at = found.next;
        const read = readHead(found.text);
        // What says no more than that more will come.
        if (read.status < 200) continue;
        head = read;
        frame = framing(read, method);
        left = typeof frame === 'number' ? frame : 0;
        body = createBody(read.status, into);
      }
      if (frame === 'chunked') {
        const { at: end, isEnd } = takeChunked(bytes, at);
        return isEnd ? whole(end === bytes.length) : undefined;
      }
      if (frame === 'end') {
        body.take(bytes.subarray(at));
        return undefined;
      }
      at = takeData(bytes, at);
      return left === 0 ? whole(at === bytes.length) : undefined;
    },
    space: () => {
      if (!head || typeof frame !== 'number' || left === 0) return undefined;
      const rest = body.rest();
      return rest && rest.length >= left ? rest.subarray(0, left) : undefined;
    },
    filled: (length) => {
      body.skip(length);
      left -= length;
      return left === 0 ? whole(true) : undefined;
    },
    end: () => {
      if (head && frame === 'end') return whole(false);
      throw new BrokenAnswer(
        head ? `The answer broke off after ${body.used} bytes.` : 'The store ended the connection without an answer.',
        'ConnectionEnded',
      );
    },
  };
};
