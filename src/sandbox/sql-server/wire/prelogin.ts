// PRELOGIN: a table of options, each a place and a length, ended by 0xFF.
import { ProtocolError } from './packet.ts';

const option = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, federated: 6 } as const;
const encryption = { on: 1, unsupported: 2, required: 3 } as const;

/** The version that this server says it has: 12.0, as Azure SQL Database. */
const serverVersion = Buffer.from([12, 0, 0x07, 0xd0]);

/** Whether the client can encrypt, by its PRELOGIN. */
export const readPrelogin = (data: Buffer): { encrypts: boolean } => {
  for (let at = 0; at < data.length && data[at] !== 0xff; at += 5) {
    if (at + 5 > data.length) break;
    if (data[at] !== option.encryption) continue;
    const place = data.readUInt16BE(at + 1);
    if (place >= data.length) break;
    return { encrypts: data[place] !== encryption.unsupported };
  }
  throw new ProtocolError('The client says nothing of encryption.');
};

/** The answer: encryption is on, or required of a client that cannot. */
export const preloginAnswer = (encrypts: boolean): Buffer => {
  const values: [number, Buffer][] = [
    [option.version, Buffer.concat([serverVersion, Buffer.alloc(2)])],
    [option.encryption, Buffer.from([encrypts ? encryption.on : encryption.required])],
    [option.instance, Buffer.from([0])],
    [option.thread, Buffer.alloc(0)],
    [option.mars, Buffer.from([0])],
  ];
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
