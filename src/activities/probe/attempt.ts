// The words of a probe: what a worker tries, and what it sees. Plain data, for both ends of the worker's pipe.

/** One thing to try. `id` comes back with what was seen. */
export type Attempt =
  /** Opens a TCP connection to a name or an address; `tls`: and greets it as a TLS client would, by another server name or by none (null) if one is given. */
  | { id: string; kind: 'connect'; host: string; port: number; tls: boolean; serverName?: string | null }
  /** Sends one datagram. */
  | { id: string; kind: 'datagram'; address: string; port: number }
  /** Asks for a name, in the bytes of the protocol: a dot ends a label, anything else may stand in one. `server`: by another resolver. */
  | { id: string; kind: 'query'; name: string; type: 'A' | 'AAAA' | 'TXT' | 'HTTPS'; server?: string };

/**
 * What the worker saw. Through: `answered` (bytes came back), `open` (the connection stayed up). Not: `reset`, `refused`,
 * `unreachable`, `silent` (nothing in time), `failed` (nothing of these). Of names: `resolved`, `empty`, `unresolved`.
 */
export const seenWords = [
  'answered',
  'open',
  'reset',
  'refused',
  'unreachable',
  'silent',
  'failed',
  'resolved',
  'empty',
  'unresolved',
] as const;

export type Seen = (typeof seenWords)[number];

/** What came of one attempt. `detail` is the worker's word and nothing more: an error code, an address, a certificate's name. */
export type Sight = { id: string; seen: Seen; detail: string };
