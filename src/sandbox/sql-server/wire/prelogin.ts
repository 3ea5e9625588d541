// PRELOGIN: a table of options, each a place and a length, ended by 0xFF.
import { ProtocolError } from './packet.ts';

const option = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, federated: 6 } as const;
const encryption = { on: 1, unsupported: 2, required: 3 } as const;

/** The version that this server says it has: 12.0, as Azure SQL Database. */
const serverVersion = Buffer.from([12, 0, 0x07, 0xd0]);

/** What a client says in its PRELOGIN: whether it can encrypt, and whether it can log in by a token. */
export type Prelogin = { encrypts: boolean; federates: boolean };

/** Reads a PRELOGIN. */
export const readPrelogin = (data: Buffer): Prelogin => {
  const found = new Map<number, number>();
  for (let at = 0; at + 5 <= data.length && data[at] !== 0xff; at += 5) {
    const value = data[data.readUInt16BE(at + 1)];
    if (value !== undefined) found.set(data[at]!, value);
  }
  const encrypts = found.get(option.encryption);
  if (encrypts === undefined) throw new ProtocolError('The client says nothing of encryption.');
  return { encrypts: encrypts !== encryption.unsupported, federates: found.get(option.federated) === 1 };
};

/** The answer: encryption is on, or required of a client that cannot; tokens are taken of a client that has them. */
export const preloginAnswer = ({ encrypts, federates }: Prelogin): Buffer => {
  const values: [number, Buffer][] = [
    [option.version, Buffer.concat([serverVersion, Buffer.alloc(2)])],
    [option.encryption, Buffer.from([encrypts ? encryption.on : encryption.required])],
    [option.instance, Buffer.from([0])],
    [option.thread, Buffer.alloc(0)],
    [option.mars, Buffer.from([0])],
  ];
  if (federates) values.push([option.federated, Buffer.from([1])]);
  const table = Buffer.alloc(values.length * 5 + 1, 0xff);
  let place = table.length;
  for (const [index, [name, value]] of values.entries()) {
    table[index * 5] = name;
    table.writeUInt16BE(place, index * 5 + 1);
    table.writeUInt16BE(value.length, index * 5 + 3);
    place += value.length;
  }
  return Buffer.concat([table, ...values.map(([, value]) => value)]);
};
