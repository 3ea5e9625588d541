// The gateway's process. Forked by the control plane; when that goes, this goes at once, and with it every flow.
import { messageOf } from '../../base/error.ts';
import { type NamespaceMaker, startNamespaceMaker } from '../namespace/open.ts';
import type { Seal } from '../namespace/seal.ts';
import type { Snapshot } from '../policy/model.ts';
import { changed, nothingKnown } from '../policy/snapshot-change.ts';
import { chooseReading } from './buffered-socket.ts';
import { createGateway, type Gateway } from './gateway.ts';
import type { GatewayAnswers, GatewayMessage, GatewayRequest } from './message.ts';
import { createResolveName } from './outside-name.ts';

const tell = (message: GatewayMessage): void => {
  if (process.connected) process.send!(message);
};

/** A maker that died is replaced when a namespace is next wanted. */
const namespacesBelow = (seal: Seal) => {
  let maker: Promise<NamespaceMaker> | undefined;
  return async (ports: readonly number[]) => {
    for (let attempt = 1; ; attempt += 1) {
      maker ??= startNamespaceMaker(seal);
      const current = maker;
      try {
        return await (await current).open({ ports });
      } catch (error) {
        if (maker === current) maker = undefined;
        void current.then((failed) => failed.close()).catch(() => {});
        if (attempt === 2) throw error;
      }
    }
  };
};

let gateway: Gateway | undefined;
let known: Snapshot = nothingKnown;

const started = (): Gateway => {
  if (!gateway) throw new Error('the gateway has not been started');
  return gateway;
};

const answer = async (request: GatewayRequest): Promise<GatewayAnswers[keyof GatewayAnswers]> => {
  switch (request.kind) {
    case 'start': {
      known = request.snapshot;
      gateway = createGateway({
        snapshot: known,
        ready: request.ready,
        openNamespace: namespacesBelow(request.seal),
        flows: (records) => tell({ kind: 'flows', records }),
        resolveName: createResolveName(request.nameServers),
        trouble: (error) => tell({ kind: 'trouble', message: messageOf(error) }),
      });
      return { reading: await chooseReading() };
    }
    case 'apply':
      known = changed(known, request.change);
      return started().apply(known);
    case 'open':
      return started().open(request.place, request.worker, request.network);
    case 'close':
      await started().closePlace(request.place);
      return null;
    case 'report':
      return { moved: started().report(request.of) };
  }
};

process.on('message', (request: GatewayRequest) => {
  answer(request).then(
    (value) => tell({ kind: 'answer', id: request.id, value }),
    (error) => tell({ kind: 'failed', id: request.id, reason: messageOf(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// The control plane decides when to end; a Ctrl-C in its terminal reaches this process too.
process.on('SIGINT', () => {});
