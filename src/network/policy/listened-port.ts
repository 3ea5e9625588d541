import type { Snapshot } from './model.ts';

/** Ports that programs commonly dial, so that an attempt is seen, judged and recorded instead of refused by the kernel. */
const wellKnown = [
  21, 22, 23, 25, 80, 88, 110, 111, 123, 135, 139, 143, 389, 443, 445, 465, 587, 636, 853, 873, 990, 993, 995, 1080,
  1433, 1434, 1521, 1883, 2049, 2375, 2376, 2379, 3000, 3128, 3306, 3389, 4317, 4318, 4443, 5000, 5432, 5439, 5671,
  5672, 5985, 5986, 6379, 6380, 6432, 6443, 8000, 8020, 8080, 8081, 8088, 8443, 8888, 9000, 9042, 9092, 9093, 9200,
  9300, 9418, 9443, 10000, 10001, 10002, 10250, 10255, 10350, 11000, 11211, 15671, 25672, 27017, 27018, 50070,
] as const;

/** The TCP ports that a namespace listens on: the well-known ones and all that the snapshot's endpoints, stores and vouched hosts serve. Sorted; without the resolver's. */
export const listenedPorts = (snapshot: Snapshot): number[] => {
  const served = [
    ...snapshot.networks.flatMap((network) => network.endpoints.flatMap((endpoint) => endpoint.ports)),
    ...snapshot.stores.flatMap((store) => store.ports),
    ...(snapshot.publicHosts ?? []).map(({ backend }) => backend.port),
  ].filter((port) => Number.isInteger(port) && port > 0 && port < 65536 && port !== 53);
  return [...new Set([...wellKnown, ...served])].sort((one, other) => one - other);
};
