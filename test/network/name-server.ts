// A name server of the outside, on loopback: answers what it was given, and counts who asked.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import dnsPacket, { type Answer } from 'dns-packet';

/** A name server that answers. */
export type NameServer = {
  /** `127.0.0.1:port`. */
  address: string;
  /** Addresses of each name; may be changed. Null: the question is left unanswered. */
  names: Record<string, readonly string[] | null>;
  /** Names that were asked for, in order. */
  asked: string[];
  close(): void;
};

/** Starts a name server for `names`; others do not exist. */
export const startNameServer = async (names: NameServer['names'] = {}): Promise<NameServer> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { id = 0, questions = [] } = dnsPacket.decode(query);
    const [question] = questions;
    if (!question) return;
    asked.push(question.name);
    socket.emit('asked', question.name);
    const known = names[question.name];
    if (known === null) return;
    const answers = (known ?? [])
      .filter((address) => isIPv6(address) === (question.type === 'AAAA'))
      .map((data): Answer => ({ type: isIPv6(data) ? 'AAAA' : 'A', name: question.name, ttl: 1, data }));
    const flags = dnsPacket.RECURSION_AVAILABLE | (known ? 0 : 3);
    socket.send(
      dnsPacket.encode({ type: 'response', id, flags, questions: [question], answers }),
      from.port,
      from.address,
    );
  });
  return { address: `127.0.0.1:${socket.address().port}`, names, asked, close: () => socket.close() };
};
