import type { OpenNamespace } from '../namespace/seal.ts';

/** A few namespaces made ahead, so that a worker need not wait for one. */
export type ReadyNamespaces = {
  /** One that listens on all of the ports: a ready one, or else a new one. */
  take(): Promise<OpenNamespace>;
  /** From now on namespaces listen on `ports`; ready ones that lack any are given up. */
  listenOn(ports: readonly number[]): void;
  close(): void;
};

/** Keeps `count` namespaces ready, made by `open`, one after the other. What cannot be made ahead is told to `trouble` and tried again when next asked. */
export const keepNamespaces = (options: {
  count: number;
  ports: readonly number[];
  open(ports: readonly number[]): Promise<OpenNamespace>;
  trouble(error: unknown): void;
}): ReadyNamespaces => {
  let { ports } = options;
  let ready: { namespace: OpenNamespace; ports: readonly number[] }[] = [];
  let isFilling = false;
  let isOpen = true;

  const serves = (has: readonly number[]) => {
    const set = new Set(has);
    return ports.every((port) => set.has(port));
  };
  const dropStale = () => {
    for (const each of ready) if (!serves(each.ports)) each.namespace.close();
    ready = ready.filter((each) => serves(each.ports));
  };
  const fill = async () => {
    if (isFilling) return;
    isFilling = true;
    try {
      while (isOpen && ready.length < options.count) {
        const wanted = ports;
        // Opened first: `ready` may be another list by then.
        const namespace = await options.open(wanted);
        ready.push({ namespace, ports: wanted });
        if (isOpen) dropStale();
      }
    } catch (error) {
      options.trouble(error);
    } finally {
      isFilling = false;
      if (!isOpen) closeAll();
    }
  };
  const closeAll = () => {
    for (const { namespace } of ready.splice(0)) namespace.close();
  };

  void fill();
  return {
    take: async () => {
      const first = ready.shift();
      const namespace = first ? first.namespace : await options.open(ports);
      void fill();
      return namespace;
    },
    listenOn: (next) => {
      ports = next;
      dropStale();
      void fill();
    },
    close: () => {
      isOpen = false;
      if (!isFilling) closeAll();
    },
  };
};
