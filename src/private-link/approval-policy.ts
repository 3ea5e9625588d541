// What the owner of a target has laid down about approvals: who is approved at once, how many must agree, for how long.
// Pure: the rules of several policies come together here, and the strictest of each kind holds.

/** One policy. Where it says nothing, it changes nothing: a connection is Pending until one person approves it for good. */
export type ApprovalPolicy = {
  name: string;
  /** Whose requests are approved at once: object ids of principals, ids of factories and of subscriptions. */
  who: { principals: readonly string[]; factories: readonly string[]; subscriptions: readonly string[] };
  /** Sub-resources that it is about; none: all. */
  groupIds: readonly string[];
  /** How many must approve, the requester apart; null: whoever may, the requester too. */
  minimumApprovers: number | null;
  /** How long an approval holds, in milliseconds; null: until it is taken back. */
  expiresAfterMs: number | null;
};

/** Who asked, for what. Keys are lower-case ids. */
export type ApprovalRequest = { groupId: string; requestedBy: string; endpointKey: string };

/** What the policies of a target come to for one request. */
export type ApprovalTerms = {
  /** Names of the policies that are about it. */
  policies: readonly string[];
  minimumApprovers: number | null;
  expiresAfterMs: number | null;
  /** The policy by which it is approved at once, or null. */
  automatic: ApprovalPolicy | null;
};

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const names = ({ who }: ApprovalPolicy, { requestedBy, endpointKey }: ApprovalRequest): boolean =>
  who.principals.some((one) => isSame(one, requestedBy)) ||
  [...who.factories, ...who.subscriptions.map((id) => `/subscriptions/${id.split('/').at(-1)}`)].some((id) =>
    endpointKey.startsWith(`${id.toLowerCase()}/`),
  );

const strictest = (values: readonly (number | null)[], choose: (...of: number[]) => number): number | null => {
  const said = values.filter((value) => value !== null);
  return said.length === 0 ? null : choose(...said);
};

/** What holds for a request. Where any policy wants approvers, none approves by itself. */
export const termsOf = (all: readonly ApprovalPolicy[], request: ApprovalRequest): ApprovalTerms => {
  const policies = all.filter(
    ({ groupIds }) => groupIds.length === 0 || groupIds.some((one) => isSame(one, request.groupId)),
  );
  const minimumApprovers = strictest(
    policies.map((policy) => policy.minimumApprovers),
    Math.max,
  );
  return {
    policies: policies.map(({ name }) => name),
    minimumApprovers,
    expiresAfterMs: strictest(
      policies.map((policy) => policy.expiresAfterMs),
      Math.min,
    ),
    automatic: minimumApprovers === null ? (policies.find((policy) => names(policy, request)) ?? null) : null,
  };
};

/** Until when an approval given at `now` (ISO 8601) holds; null: until it is taken back. */
export const expiryOf = ({ expiresAfterMs }: ApprovalTerms, now: string): string | null =>
  expiresAfterMs === null ? null : new Date(Date.parse(now) + expiresAfterMs).toISOString();

const dayMs = 86_400_000;

/** The longest that an approval may be limited to: ten years. */
export const longestExpiryMs = 3650 * dayMs;

/** Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; null for anything else, months and years too, whose lengths differ. */
export const readDuration = (text: string): number | null => {
  const found = /^P(?=.)(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/.exec(
    text,
  );
  if (!found) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  return (weeks * 7 + days) * dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1000;
};
