// A database's own port with a fault in it: bytes pass as they are, to a point.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What goes wrong with a connection once `after` bytes came `from` that side: it is reset, or no byte passes any more in
 * either direction while it stays open.
 */
export type TcpFault = { kind: 'reset' | 'stall'; from: 'client' | 'server'; after: number };

/** `times` connections meet the fault; a connection that does not come to the point does not. */
export type TcpRule = { fault: TcpFault; times: number };

export type TcpProxy = {
  port: number;
  /** Begins anew with this rule, or none. */
  set(rule: TcpRule | undefined): void;
  /** How many connections met the fault since. */
  met(): number;
  /** Resolves once every connection that came since is closed by its client. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

/** Starts one before `target`, a port of loopback. */
export const startTcpProxy = async (target: number): Promise<TcpProxy> => {
  let rule: TcpRule | undefined;
  let met = 0;
  const open = new Set<Socket>();
  const closed = new Set<Promise<unknown>>();
  const server = createServer((client) => {
    const mine = rule;
    const onward = connect(target, '127.0.0.1');
    let isStalled = false;
    const end = () => {
      client.destroy();
      onward.destroy();
    };
    open.add(client);
    closed.add(new Promise((resolve) => client.once('close', resolve)));
    client.on('error', end).on('close', () => {
      open.delete(client);
      onward.destroy();
    });
    onward.on('error', end).on('close', () => {
      if (!isStalled) client.destroySoon();
    });
    const fail = ({ kind }: TcpFault) => {
      met += 1;
      if (kind === 'reset') {
        onward.destroy();
        client.resetAndDestroy();
      } else {
        isStalled = true;
        client.resume();
        onward.resume();
      }
    };
    const pass = (from: Socket, to: Socket, side: TcpFault['from']) => {
      let passed = 0;
      const isAtPoint = () => mine && mine.fault.from === side && passed >= mine.fault.after && met < mine.times;
      if (side === 'client' && isAtPoint()) return fail(mine!.fault);
      from.on('data', (bytes) => {
        // Read on, so that the end of the connection is seen.
        if (isStalled) return;
        passed += bytes.length;
        if (isAtPoint()) return fail(mine!.fault);
        if (!to.write(bytes) && !isStalled) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    pass(client, onward, 'client');
    pass(onward, client, 'server');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      rule = next;
      met = 0;
      closed.clear();
    },
    met: () => met,
    settled: async () => void (await Promise.all(closed)),
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
