// Text of files: from bytes of a named encoding, and to them.
import iconv from 'iconv-lite';
import { ActivityError } from '../../base/error.ts';
import { type Properties, propertyError, textAt } from '../property.ts';

export type Encoding = {
  name: string;
  /** Whether a file that is written begins with a byte order mark. */
  byteOrderMark: boolean;
};

/** A value that cannot be written without being read as something else. */
export class UnwritableValue extends Error {}

// Azure's names that the encoding library knows by another one.
const otherNames: Readonly<Record<string, string>> = {
  'utf-8 without bom': 'utf-8',
  'utf-16': 'utf-16le',
  'utf-32': 'utf-32le',
  ibm00858: 'cp858',
};

/** Reads a dataset's `encodingName`; UTF-8 where there is none. */
export const readEncoding = (dataset: Properties): Encoding => {
  const given = textAt(dataset, 'encodingName')?.toLowerCase() || undefined;
  const name = given === undefined ? 'utf-8' : (otherNames[given] ?? given);
  if (!iconv.encodingExists(name))
    throw propertyError(dataset, 'encodingName', `names an encoding that is not supported: ${given}`);
  // "UTF-8 without BOM" is a choice beside "UTF-8": the latter, when it is named, writes the mark.
  return { name, byteOrderMark: given !== undefined && /^utf-(8|16|16be|32|32be)$/.test(given) };
};

type Decoder = { write(bytes: Buffer): string; end(): string };

/** What a file fails with that is not in the UTF-8 that its dataset speaks of. */
export const notUtf8 = (fileName: string, errorCode: string) =>
  new ActivityError(errorCode, `The file '${fileName}' is not UTF-8: set the dataset's encodingName to what it is.`);

const createDecoder = (encoding: string, fileName: string, errorCode: string): Decoder => {
  if (encoding === 'utf-8') {
    // What is not UTF-8 would arrive as question marks: better not at all.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const decode = (bytes?: Buffer) => {
      try {
        return decoder.decode(bytes, { stream: bytes !== undefined });
      } catch {
        throw notUtf8(fileName, errorCode);
      }
    };
    return { write: decode, end: () => decode() };
  }
  const decoder = iconv.getDecoder(encoding);
  return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? '' };
};

/** Bytes that are decoded and parsed in one go: long enough to be fast, short enough to let a cancel in. */
const pieceBytes = 32 * 1024;

/** The bytes as text, in pieces; only the final one is `last`. `errorCode` is that of bytes which are no such text. */
export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  { name }: Encoding,
  fileName: string,
  errorCode: string,
): AsyncGenerator<{ text: string; last: boolean }> {
  const decoder = createDecoder(name, fileName, errorCode);
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += pieceBytes)
      yield { text: decoder.write(chunk.subarray(at, at + pieceBytes)), last: false };
  yield { text: decoder.end(), last: true };
}

/** Makes what turns text into bytes. Its errors: `UnwritableValue`. */
export const createEncoder = ({ name }: Encoding): ((text: string) => Buffer) => {
  if (name === 'utf-8') return (text) => Buffer.from(text);
  return (text) => {
    const bytes = iconv.encode(text, name, { addBOM: false });
    if (!name.startsWith('utf') && iconv.decode(bytes, name) !== text)
      throw new UnwritableValue(`a value holds a character that ${name} does not have`);
    return bytes;
  };
};
