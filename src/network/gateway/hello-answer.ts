// The first words of a TLS host: whether it wants the hello again (RFC 8446, section 4.1.4). In the second hello a client may
// name another host, and some servers go by that one.
import { createHash } from 'node:crypto';

const alertRecord = 21;
const handshakeRecord = 22;
const recordHeaderBytes = 5;
const serverHello = 2;
/** Type and length of the message, and its version. */
const beforeRandom = 6;
/** The random of a hello that asks for the client's again. */
const askAgain = createHash('sha256').update('HelloRetryRequest').digest();
const maxAnswerBytes = 4096;

/** Whether these bytes, the first of a host, ask for the hello again; undefined: more bytes are needed. */
const readAnswer = (bytes: Buffer): boolean | undefined => {
  let message = Buffer.alloc(0);
  let record = 0;
  while (bytes.length >= record + recordHeaderBytes) {
    const end = record + recordHeaderBytes + bytes.readUInt16BE(record + 3);
    // A warning may come before.
    if (bytes[record] === handshakeRecord)
      message = Buffer.concat([message, bytes.subarray(record + recordHeaderBytes, end)]);
    else if (bytes[record] !== alertRecord) return false;
    if (message.length > 0 && message[0] !== serverHello) return false;
    if (message.length >= beforeRandom + askAgain.length)
      return message.subarray(beforeRandom, beforeRandom + askAgain.length).equals(askAgain);
    record = end;
  }
  return undefined;
};

/** Takes the bytes of a host as they come: true, it wants the hello again; false, it does not; undefined, more are needed. */
export const createAnswerReader = (): ((piece: Uint8Array) => boolean | undefined) => {
  let bytes = Buffer.alloc(0);
  return (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    return readAnswer(bytes) ?? (bytes.length > maxAnswerBytes ? false : undefined);
  };
};
