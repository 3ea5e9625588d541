// Requests to the kernel's routing tables, as `ip` makes them, without `ip`: a worker can start no program.
import { systemCall, trySystemCall } from '../../src/network/namespace/native.ts';
import { systemCallNumber } from './system-call-number.ts';

export type NetlinkRequest = { type: number; flags: number; hex: string };

const acknowledge = 5; // NLM_F_REQUEST | NLM_F_ACK
const create = 0x600; // NLM_F_CREATE | NLM_F_EXCL

const attribute = (type: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + value.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const request = (type: number, flags: number, ...parts: Buffer[]): NetlinkRequest => ({
  type,
  flags: acknowledge | flags,
  hex: Buffer.concat(parts).toString('hex'),
});
const linkHead = (index: number, flags: number, change: number): Buffer =>
  Buffer.concat([word(0), word(index), word(flags), word(change)]);
const loopback = 1;

/** Adds 10.66.0.1/32 to lo. */
export const addAddress = request(
  20,
  create,
  Buffer.from([2, 32, 0, 0]),
  word(loopback),
  attribute(2, Buffer.from([10, 66, 0, 1])),
);
/** Adds `unreachable 203.0.113.0/24`. */
export const addRoute = request(
  24,
  create,
  Buffer.from([2, 24, 0, 0, 254, 3, 0, 7]),
  word(0),
  attribute(1, Buffer.from([203, 0, 113, 0])),
);
/** Deletes that route again (and, where it never was, anything of the kind). */
export const deleteRoute = request(
  25,
  0,
  Buffer.from([2, 24, 0, 0, 254, 0, 255, 0]),
  word(0),
  attribute(1, Buffer.from([203, 0, 113, 0])),
);
/** Takes lo down. */
export const loopbackDown = request(16, 0, linkHead(loopback, 0, 1));
/** Makes an interface of the given kind. */
export const addLink = (kind: string): NetlinkRequest =>
  request(16, create, linkHead(0, 0, 0), attribute(18, attribute(1, Buffer.from(`${kind}\0`))));

/** Sends one request and gives the kernel's answer: 0, or minus the error number. */
export const sendNetlink = ({ type, flags, hex }: NetlinkRequest): number => {
  const payload = Buffer.from(hex, 'hex');
  const message = Buffer.alloc(16 + payload.length);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  payload.copy(message, 16);
  const socket = systemCall('socket', systemCallNumber('socket'), 16, 3, 0);
  const sent = trySystemCall(systemCallNumber('sendto'), socket, message, message.length, 0, 0, 0);
  if (sent < 0) return sent;
  const answer = Buffer.alloc(4096);
  systemCall('recvfrom', systemCallNumber('recvfrom'), socket, answer, answer.length, 0, 0, 0);
  return answer.readInt32LE(16);
};
