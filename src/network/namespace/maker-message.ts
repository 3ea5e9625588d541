/** What a gateway asks of its maker of network namespaces; `taken` follows each `made`. `namespace` is the id that one was opened with. */
export type MakerRequest =
  | { kind: 'open'; id: number; ports: readonly number[] }
  | { kind: 'listen'; id: number; namespace: number; ports: readonly number[] }
  | { kind: 'release'; namespace: number };

/** What the maker answers, in this order; sockets come as the handles of their messages. */
export type MakerAnswer =
  | { kind: 'dns-udp'; id: number }
  | { kind: 'dns-tcp'; id: number }
  | { kind: 'listener'; id: number; port: number }
  | { kind: 'made'; id: number; descriptor: number }
  /** After the listeners that were asked for later. */
  | { kind: 'listening'; id: number }
  | { kind: 'failed'; id: number; reason: string };
