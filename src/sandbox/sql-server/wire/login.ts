// LOGIN7: fixed fields, then places and lengths of texts.
import { BufferReader } from './buffer-reader.ts';
import { type Federated, readFederated } from './federated.ts';
import { ProtocolError } from './packet.ts';

/** Who wants in: by a SQL login, by a token, or by something else. */
export type Credential = { kind: 'password'; user: string; password: string } | Federated;

/** Who wants in, and where to. */
export type Login = {
  tdsVersion: number;
  packetSize: number;
  credential: Credential;
  database: string;
  application: string;
};

/** TDS 7.3, the oldest that this server speaks; 7.4; and 8, which is TLS first. */
export const tds = { oldest: 0x730a0003, seven: 0x74000004, eight: 0x08000000 } as const;

const place = { user: 40, password: 44, application: 48, extension: 56, database: 68, sspi: 78 } as const;
const longestText = 512;

const reveal = (hidden: Buffer): string =>
  Buffer.from(hidden.map((byte) => (((byte ^ 0xa5) << 4) & 0xf0) | ((byte ^ 0xa5) >> 4))).toString('utf16le');

/** Reads a LOGIN7 message. */
export const readLogin = (data: Buffer): Login => {
  if (data.length < 94 || data.readUInt32LE(0) > data.length) throw new ProtocolError('LOGIN7 is too short.');
  const bytesAt = (field: number): Buffer => {
    const length = data.readUInt16LE(field + 2);
    if (length > longestText) throw new ProtocolError('A text of LOGIN7 is too long.');
    return new BufferReader(data, Math.min(data.readUInt16LE(field), data.length)).bytes(length * 2);
  };
  const textAt = (field: number) => bytesAt(field).toString('utf16le');
  return {
    tdsVersion: data.readUInt32LE(4),
    packetSize: data.readUInt32LE(8),
    credential:
      (data[25]! & 0x80) !== 0 || data.readUInt16LE(place.sspi + 2) > 0
        ? { kind: 'other' }
        : (federatedIn(data) ?? {
            kind: 'password',
            user: textAt(place.user),
            password: reveal(bytesAt(place.password)),
          }),
    application: textAt(place.application),
    database: textAt(place.database),
  };
};

/** What the feature extension, where there is one, asks to log in by. */
const federatedIn = (data: Buffer): Federated | null => {
  if ((data[27]! & 0x10) === 0) return null;
  const reader = new BufferReader(data, Math.min(data.readUInt16LE(place.extension), data.length));
  reader.at = Math.min(reader.uint32(), data.length);
  return readFederated(reader);
};
