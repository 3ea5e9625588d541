// One client: from its first byte to its last.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { Cancelled } from '../engine/failure.ts';
import { parseBatch } from '../language/parse-statement.ts';
import { SqlError } from '../sql-error.ts';
import { federationAcknowledged, federationInfo, readFederatedToken } from '../wire/federated.ts';
import { type Login, readLogin, tds } from '../wire/login.ts';
import {
  closedSignal,
  createReplyWriter,
  type Packet,
  ProtocolError,
  packetType,
  type ReplyWriter,
  readPackets,
} from '../wire/packet.ts';
import { type Prelogin, preloginAnswer, readPrelogin } from '../wire/prelogin.ts';
import { readBatch, readCalls, readStep } from '../wire/request.ts';
import { changed, loginToken } from '../wire/token.ts';
import { createTunnel } from '../wire/tunnel.ts';
import { type BulkPlan, checkPlan, runBulkLoad } from './bulk.ts';
import { runCalls } from './call.ts';
import { type Execution, runBatch, tellFailure } from './interpreter.ts';
import { openReply } from './reply.ts';
import type { Session } from './session.ts';

/** What a client needs of its server. */
export type Host = {
  name: string;
  context: SecureContext;
  /** The same for clients of TDS 8, which begin with TLS. */
  strictContext: SecureContext;
  /** How long a client may take to log in. */
  loginDeadlineMs: number;
  /** Where clients get tokens, and for what they ask for one. */
  federation(): Promise<{ issuer: string; resource: string }>;
  /** Opens a session, or throws 18456 or 4060. */
  logIn(login: Login): Promise<Session>;
};

const longestLogin = 128 * 1024;
const longestMessage = 64 * 1024 * 1024;

/** Packets with one that may be looked at before its time. */
type Inbox = {
  take(): Promise<Packet>;
  message(first: Packet, most: number): Promise<Buffer>;
  whole(first: Packet, most: number): Promise<Message>;
};

/** A message; one that its sender gave up while sending it is ignored. */
type Message = { data: Buffer; isIgnored: boolean };

const openInbox = (stream: AsyncIterable<Buffer>): Inbox => {
  const packets = readPackets(stream);
  const take = async (): Promise<Packet> => {
    const { value, done } = await packets.next();
    if (done || !value) throw new ProtocolError('The client has gone.');
    return value;
  };
  const whole: Inbox['whole'] = async (first, most) => {
    let { isIgnored } = first;
    const parts = [first.data];
    let bytes = first.data.length;
    for (let packet = first; !packet.isLast; ) {
      packet = await take();
      if (packet.type !== first.type) throw new ProtocolError('A message is broken by another.');
      bytes += packet.data.length;
      isIgnored = packet.isIgnored;
      if (bytes > most) throw new ProtocolError('A message is too long.');
      parts.push(packet.data);
    }
    return { data: parts.length === 1 ? parts[0]! : Buffer.concat(parts), isIgnored };
  };
  return { take, whole, message: async (first, most) => (await whole(first, most)).data };
};

const startTls = async (socket: Socket, stream: Duplex, host: Host, isStrict: boolean): Promise<TLSSocket> => {
  const secure = new TLSSocket(stream as Socket, {
    isServer: true,
    secureContext: isStrict ? host.strictContext : host.context,
    ...(isStrict && { ALPNProtocols: ['tds/8.0'] }),
  });
  // A TLS socket over another stream does not notice that this one is gone.
  socket.once('close', () => secure.destroy());
  secure.on('error', () => socket.destroy());
  await once(secure, 'secure', { signal: closedSignal(socket) });
  return secure;
};

/** A client whose LOGIN7 is next, and what was said in PRELOGIN. */
type Greeted = { inbox: Inbox; writer: ReplyWriter; isStrict: boolean; prelogin: Prelogin };

/** Goes through PRELOGIN and TLS to where LOGIN7 is next. */
const greet = async (socket: Socket, host: Host): Promise<Greeted> => {
  const [first] = (await once(socket, 'data', { signal: closedSignal(socket) })) as [Buffer];
  socket.pause();
  const isStrict = first[0] === 0x16;
  if (isStrict) {
    socket.unshift(first);
    const secure = await startTls(socket, socket, host, true);
    const inbox = openInbox(secure);
    const prelogin = readPrelogin(await inbox.message(await inbox.take(), longestLogin));
    const writer = createReplyWriter(secure);
    await writer.write(preloginAnswer({ ...prelogin, encrypts: true }));
    await writer.end();
    return { inbox, writer, isStrict, prelogin };
  }
  const { rest, message } = await readPlainPrelogin(socket, first);
  const prelogin = readPrelogin(message);
  const writer = createReplyWriter(socket);
  await writer.write(preloginAnswer(prelogin));
  await writer.end();
  if (!prelogin.encrypts) throw new ProtocolError('The client does not encrypt.');
  const secure = await startTls(socket, createTunnel(socket, rest), host, false);
  return { inbox: openInbox(secure), writer: createReplyWriter(secure), isStrict, prelogin };
};

/** The one message that comes before TLS, and what follows it. */
const readPlainPrelogin = async (socket: Socket, first: Buffer): Promise<{ message: Buffer; rest: Buffer }> => {
  let held = first;
  for (;;) {
    if (held.length >= 8) {
      const length = held.readUInt16BE(2);
      if (held[0] !== packetType.prelogin || length < 8 || length > 4096 || (held[1]! & 1) === 0)
        throw new ProtocolError('What was sent first is no PRELOGIN.');
      if (held.length >= length) return { message: held.subarray(8, length), rest: held.subarray(length) };
    }
    const [more] = (await once(socket.resume(), 'data', { signal: closedSignal(socket) })) as [Buffer];
    socket.pause();
    held = Buffer.concat([held, more]);
  }
};

/** A login with the token that the client gets once it was told where. */
const withToken = async (host: Host, { inbox, writer, prelogin }: Greeted, login: Login): Promise<Login> => {
  const { credential } = login;
  if (credential.kind !== 'later' && credential.kind !== 'token') return login;
  if (credential.echoes !== prelogin.federates)
    throw new SqlError(18456, 'Login failed: LOGIN7 does not say of federated authentication what PRELOGIN said.', {
      severity: 14,
    });
  if (credential.kind === 'token') return login;
  const { issuer, resource } = await host.federation();
  await writer.write(federationInfo(issuer, resource));
  await writer.end();
  const first = await inbox.take();
  if (first.type !== packetType.federatedToken) throw new ProtocolError('A token was expected.');
  const token = readFederatedToken(await inbox.message(first, longestLogin));
  return { ...login, credential: { ...credential, kind: 'token', token } };
};

const logIn = async (host: Host, greeted: Greeted): Promise<Session> => {
  const { inbox, writer, isStrict } = greeted;
  const first = await inbox.take();
  if (first.type !== packetType.login) throw new ProtocolError('LOGIN7 was expected.');
  const asked = readLogin(await inbox.message(first, longestLogin));
  const reply = openReply(writer, host.name);
  try {
    if (!isStrict && asked.tdsVersion < tds.oldest)
      throw new SqlError(
        40517,
        "This version of TDS is not supported by Postern's sandbox SQL server: 7.3 and later are.",
        { severity: 20 },
      );
    const login = await withToken(host, greeted, asked);
    const session = await host.logIn(login);
    const size = Math.min(Math.max(login.packetSize || 4096, 512), 32_767);
    const version = isStrict ? tds.eight : Math.min(login.tdsVersion, tds.seven);
    await reply.change(changed.database(session.facts.database, 'master'));
    await reply.info(5701, `Changed database context to '${session.facts.database}'.`, 10);
    await reply.change(changed.collation());
    await reply.change(changed.language());
    await reply.info(5703, 'Changed language setting to us_english.', 10);
    await reply.change(loginToken(version));
    if (login.credential.kind === 'token') await reply.change(federationAcknowledged());
    await reply.change(changed.packetSize(size, 4096));
    await reply.end();
    writer.setPacketSize(size);
    return session;
  } catch (error) {
    if (error instanceof SqlError) {
      await reply.error(error);
      await reply.end();
    }
    throw error;
  }
};

const runStep = async (execution: Execution, message: Buffer): Promise<void> => {
  const { session, reply } = execution;
  const { step, beginsAgain } = readStep(message);
  try {
    if (step === 'begin') await session.begin(reply);
    else if (step === 'commit') await session.commit(reply);
    else if (step === 'rollback') await session.rollback(reply);
    else
      throw new SqlError(
        40517,
        `${step === 'save' ? 'A savepoint' : 'A distributed transaction'} is not supported by Postern's sandbox SQL server.`,
      );
    if (beginsAgain) await session.begin(reply);
  } catch (error) {
    await tellFailure(execution, error);
  }
};

/** The bulk load that a batch announces and nothing else, or null. */
const bulkPlanOf = (text: string): BulkPlan | null => {
  if (!/^\s*insert\s+bulk\s/i.test(text)) return null;
  const [statement] = parseBatch(text);
  return statement?.kind === 'insertBulk' ? statement : null;
};

const converse = async (host: Host, inbox: Inbox, writer: ReplyWriter, session: Session): Promise<void> => {
  let plan: BulkPlan | null = null;
  let ahead: Promise<Packet> | null = null;
  const take = (): Promise<Packet> => {
    const packet = ahead ?? inbox.take();
    ahead = null;
    return packet;
  };
  for (;;) {
    const first = await take();
    const reply = openReply(writer, host.name);
    if (first.type === packetType.attention) {
      await reply.acknowledge();
      continue;
    }
    if (first.isReset) await session.reset();
    const execution: Execution = { session, reply, variables: new Map(), depth: 0, procedure: '', isTrying: false };
    const isBulk = first.type === packetType.bulk;
    const { data: message, isIgnored } = isBulk
      ? { data: Buffer.alloc(0), isIgnored: false }
      : await inbox.whole(first, longestMessage);
    // While a request runs, the only thing that a client may say is that it wants no more.
    let isAttended = false;
    let isRunning = true;
    const watch = (): Promise<void> => {
      ahead = inbox.take();
      return ahead.then(
        (packet) => {
          if (packet.type !== packetType.attention || !isRunning) return;
          isAttended = true;
          session.cancel();
        },
        () => {
          if (isRunning) session.cancel();
        },
      );
    };
    try {
      if (first.isReset) await reply.change(changed.reset());
      if (isBulk) {
        let isFirst = true;
        const announced: BulkPlan | null = plan;
        plan = null;
        const next = async () => {
          if (!isFirst) return inbox.take();
          isFirst = false;
          return first;
        };
        if (!announced) throw new ProtocolError('A bulk load was not announced.');
        await runBulkLoad(execution, announced, next).catch(async (error: unknown) => {
          await session.noteFailure();
          await tellFailure(execution, error);
        });
      } else if (!isIgnored) {
        void watch();
        if (first.type === packetType.batch) {
          const text = readBatch(message);
          plan = await announce(execution, text);
          if (!plan) await runBatch(execution, text);
        } else if (first.type === packetType.rpc) await runCalls(execution, readCalls(message));
        else if (first.type === packetType.transaction) await runStep(execution, message);
        else throw new ProtocolError(`A message of type ${first.type} was not expected.`);
      }
    } catch (error) {
      if (error instanceof SqlError) await tellFailure(execution, error);
      else if (error instanceof Cancelled) {
        session.settle();
        await session.noteFailure();
      } else throw error;
    }
    isRunning = false;
    session.settle();
    await reply.end({ isInTransaction: session.facts.transactionCount > 0 });
    if (!isAttended) continue;
    ahead = null;
    await reply.acknowledge();
  }
};

const announce = async (execution: Execution, text: string): Promise<BulkPlan | null> => {
  const plan = bulkPlanOf(text);
  if (plan) await checkPlan(execution, plan);
  return plan;
};

/** Serves a client until it goes. What it does wrong ends its connection and nothing else. `onSession` is told of its login. */
export const serveClient = async (socket: Socket, host: Host, onSession: (session: Session) => void): Promise<void> => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const late = setTimeout(() => socket.destroy(), host.loginDeadlineMs);
  // A client that goes while it is greeted is waited for no longer.
  socket.once('close', () => clearTimeout(late));
  let session: Session | undefined;
  try {
    const greeted = await greet(socket, host);
    const { inbox, writer } = greeted;
    session = await logIn(host, greeted);
    clearTimeout(late);
    onSession(session);
    await converse(host, inbox, writer, session);
  } catch (error) {
    if (!isExpected(error)) throw error;
  } finally {
    clearTimeout(late);
    socket.end();
    socket.destroySoon();
    session?.close();
  }
};

const isExpected = (error: unknown): boolean => {
  if (error instanceof ProtocolError || error instanceof SqlError || error instanceof Cancelled) return true;
  const { code = '', name = '' } = error as NodeJS.ErrnoException;
  return name === 'AbortError' || /^(ERR_SSL|ERR_TLS|ERR_STREAM|ECONN|EPIPE|ERR_SOCKET)/.test(code);
};
