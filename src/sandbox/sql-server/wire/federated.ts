// Federated authentication: a login by an access token, which comes with LOGIN7 or after the server said where to get one.
import { BufferReader } from './buffer-reader.ts';

const feature = 0x02;
const lastFeature = 0xff;
const library = { securityToken: 1, directory: 2 } as const;

/** What a client logs in with in place of a name and a password. `echoes`: it says that the server's PRELOGIN asked for it. */
export type Federated =
  | { kind: 'token'; token: string; echoes: boolean }
  | { kind: 'later'; echoes: boolean }
  | { kind: 'other' };

const readFeature = (data: Buffer): Federated => {
  const reader = new BufferReader(data);
  const options = reader.uint8();
  const echoes = (options & 1) !== 0;
  const kind = options >> 1;
  if (kind === library.directory) return { kind: 'later', echoes };
  if (kind !== library.securityToken) return { kind: 'other' };
  return { kind: 'token', token: reader.bytes(reader.uint32()).toString('utf16le'), echoes };
};

/** Reads the feature extension at the reader's place; null where it asks for no federated login. */
export const readFederated = (reader: BufferReader): Federated | null => {
  for (let one = reader.uint8(); one !== lastFeature; one = reader.uint8()) {
    const data = reader.bytes(reader.uint32());
    if (one === feature) return readFeature(data);
  }
  return null;
};

/** Reads the message that brings a token which was asked for. */
export const readFederatedToken = (data: Buffer): string => {
  const reader = new BufferReader(data);
  const rest = new BufferReader(reader.bytes(reader.uint32()));
  return rest.bytes(rest.uint32()).toString('utf16le');
};

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Tells a client where tokens are to be had, and for what it must ask for one. */
export const federationInfo = (issuer: string, resource: string): Buffer => {
  const values = [Buffer.from(issuer, 'utf16le'), Buffer.from(resource, 'utf16le')];
  let place = 4 + values.length * 9;
  const heads = values.map((value, index) => {
    const head = Buffer.concat([Buffer.from([index + 1]), number(value.length), number(place)]);
    place += value.length;
    return head;
  });
  const body = Buffer.concat([number(values.length), ...heads, ...values]);
  return Buffer.concat([Buffer.from([0xee]), number(body.length), body]);
};

/** Says that the login by a token was taken. */
export const federationAcknowledged = (): Buffer =>
  Buffer.concat([Buffer.from([0xae, feature]), number(0), Buffer.from([lastFeature])]);
