// What the operations of Postern.Network answer, as the commands read it.

type Rule = { name: string; says: string };

/** `explain`. */
export type Explained = {
  host: string | null;
  address: string | null;
  port: number;
  verdict: 'allowed' | 'denied';
  code: string;
  message: string;
  remedy: string;
  rule: Rule;
  endpoint: { name: string; state: string; description: string } | null;
  resolver: { answer: string; chain: { name: string; alias: string }[]; address: string | null };
  probe?: { seen: string; detail: string; gateway: { code: string } | null; agrees: boolean };
};

/** One of `flows`. */
export type ShownFlow = {
  id: string;
  worker: string;
  at: string;
  address: string;
  port: number;
  protocol: string;
  host: string | null;
  verdict: 'allowed' | 'denied';
  code: string;
  message: string;
  remedy: string;
  /** What the egress policy would have refused, had it not only audited. */
  audited?: string;
  bytesSent: number;
  bytesReceived: number;
  durationMs: number | null;
  endedAt: string | null;
  end: string | null;
  activityName: string | null;
  activityRunId: string | null;
};

/** One cell of the matrix. */
export type ShownCell = {
  runtime: string;
  network: string;
  host: string;
  port: number;
  resourceId: string;
  groupId: string;
  verdict: 'allowed' | 'denied';
  code: string;
  message: string;
  remedy: string;
  state: string | null;
};

export type ShownNetwork = {
  network: string;
  title: string;
  kind: 'managed' | 'public';
  egress: { mode: string; audit: boolean; hosts: string[] };
  says: string;
  endpoints: { id: string; name: string; state: string; resourceId: string; groupId: string; description: string }[];
};

export type ShownEvidence = {
  category: string;
  what: string;
  expected: string;
  expectedCode: string | null;
  seen: string;
  detail: string;
  gateway: { code: string; message: string } | null;
  outcome: string;
};

export type ShownProbe = {
  network: string;
  title: string;
  worker: string;
  sealed: boolean;
  reasons: string[];
  agrees: boolean;
  attempts: number;
  asExpected: number;
  leaks: number;
  untried: number;
  evidence: ShownEvidence[];
};

/** `reachability`; the last two only where it was probed. */
export type Reachability = {
  factory: string;
  at: string;
  snapshotVersion: number;
  networks: ShownNetwork[];
  runtimes: { name: string; network: string }[];
  matrix: ShownCell[];
  sealed?: boolean;
  probes?: ShownProbe[];
};

/** One of `decisions`. */
export type ShownDecision = {
  at: string;
  decision: string;
  from: string | null;
  to: string | null;
  by: { name: string };
  reason: string;
  network?: string;
  connection?: { name: string; target: string; groupId: string; endpoint: string };
};
