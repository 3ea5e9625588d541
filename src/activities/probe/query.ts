// A question to a resolver, byte by byte: what a hostile program would send, no library would.
import { randomInt } from 'node:crypto';
import type { Seen } from './attempt.ts';

const types = { A: 1, TXT: 16, AAAA: 28, HTTPS: 65 } as const;

/** A query for `name`: a dot ends a label, every other character stands for its byte. Labels may be longer than they ought. */
export const encodeQuery = (name: string, type: keyof typeof types): Buffer => {
  const labels = name.split('.').filter((label) => label !== '');
  const header = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(randomInt(65536), 0);
  const question = labels.flatMap((label) => {
    const bytes = Buffer.from(label, 'latin1');
    return [Buffer.from([bytes.length & 255]), bytes];
  });
  return Buffer.concat([header, ...question, Buffer.from([0, 0, types[type], 0, 1])]);
};

/** What an answer says: how many records, the last A address, or the refusal's number. */
export const readAnswer = (answer: Buffer): { seen: Seen; detail: string } => {
  if (answer.length < 12) return { seen: 'failed', detail: 'short answer' };
  const code = answer[3]! & 15;
  if (code !== 0) return { seen: 'unresolved', detail: `rcode ${code}` };
  const records = answer.readUInt16BE(6);
  if (records === 0) return { seen: 'empty', detail: 'no records' };
  // The last record ends the message where nothing is added: four bytes of an address after a length of four.
  const tail = answer.subarray(-6);
  const address = tail.readUInt16BE(0) === 4 ? [...tail.subarray(2)].join('.') : '';
  return { seen: 'resolved', detail: address || `${records} records` };
};
