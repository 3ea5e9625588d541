/** What a gateway asks of its maker of network namespaces; `taken` follows each `made`. */
export type MakerRequest = { id: number; ports: readonly number[] };

/** What the maker answers, in this order; sockets come as the handles of their messages. */
export type MakerAnswer =
  | { kind: 'dns-udp'; id: number }
  | { kind: 'dns-tcp'; id: number }
  | { kind: 'listener'; id: number; port: number }
  | { kind: 'made'; id: number; descriptor: number }
  | { kind: 'failed'; id: number; reason: string };
