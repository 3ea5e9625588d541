// DNS packets: a question in, an answer out. Pure, and never throws whatever the bytes are.
import dnsPacket, { type Answer } from 'dns-packet';

/** What the resolver says to a name that was asked for. */
export type NameAnswer =
  | { kind: 'address'; chain: readonly { name: string; alias: string }[]; address: string }
  /** The name is known and has nothing of the type that was asked for. */
  | { kind: 'empty' }
  /** NXDOMAIN: not a name of this network. */
  | { kind: 'unknown' }
  /** REFUSED: not a legal name, or the worker has asked for too many. */
  | { kind: 'refused' };

/** Seconds. Short, so that a new endpoint is seen soon. */
const ttl = 5;
const maxQueryBytes = 4096;
const maxDatagramBytes = 512;
const headerBytes = 12;
const isResponse = 0x80;
const code = { formatError: 1, unknown: 3, notImplemented: 4, refused: 5 } as const;

/** Only the header of a query, turned into an answer with that error. */
const errorReply = (query: Buffer, error: number): Buffer => {
  const reply = Buffer.alloc(headerBytes);
  reply.writeUInt16BE(query.readUInt16BE(0), 0);
  reply.writeUInt16BE(0x8000 | (query.readUInt16BE(2) & 0x7900) | error, 2);
  return reply;
};

/**
 * Answers one query. `lookUp` is asked only for names of A questions with `isAddress`, of others without; other types are
 * answered empty, HTTPS and SVCB among them, so that nobody learns keys for an encrypted TLS hello. Null: no answer at all.
 */
export const answerQuery = (
  query: Buffer,
  transport: 'udp' | 'tcp',
  lookUp: (name: string, isAddress: boolean) => NameAnswer,
): Buffer | null => {
  if (query.length < headerBytes || query.length > maxQueryBytes || query[2]! & isResponse) return null;
  try {
    if (((query[2]! >> 3) & 15) !== 0) return errorReply(query, code.notImplemented);
    // Only the question is decoded: records behind it are of no use here.
    if (query.readUInt16BE(4) !== 1) return errorReply(query, code.formatError);
    const alone = Buffer.from(query);
    alone.fill(0, 6, headerBytes);
    const question = dnsPacket.decode(alone).questions?.[0];
    if (!question) return errorReply(query, code.formatError);
    if (question.class !== 'IN') return errorReply(query, code.refused);
    // A label that holds dots decodes to empty labels, which cannot be encoded again.
    if (question.name.split('.').includes('')) return errorReply(query, code.refused);
    const isAddress = question.type === 'A';
    const found = lookUp(question.name, isAddress);
    if (found.kind === 'refused') return errorReply(query, code.refused);
    const answers: Answer[] = [];
    let last = question.name;
    if (found.kind === 'address' && isAddress) {
      for (const { alias } of found.chain) {
        answers.push({ type: 'CNAME', name: last, ttl, data: alias });
        last = alias;
      }
      answers.push({ type: 'A', name: last, ttl, data: found.address });
    }
    const desired = query.readUInt16BE(2) & dnsPacket.RECURSION_DESIRED;
    const flags = dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | desired;
    const reply = dnsPacket.encode({
      type: 'response',
      id: query.readUInt16BE(0),
      flags: flags | (found.kind === 'unknown' ? code.unknown : 0),
      questions: [question],
      answers,
    });
    if (transport === 'tcp' || reply.length <= maxDatagramBytes) return reply;
    // Too long for a datagram: the client asks again over TCP.
    return dnsPacket.encode({
      type: 'response',
      id: query.readUInt16BE(0),
      flags: flags | dnsPacket.TRUNCATED_RESPONSE,
      questions: [question],
    });
  } catch {
    return errorReply(query, code.formatError);
  }
};
