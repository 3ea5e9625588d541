// `explain`: what would happen to a connection, and why; with `?probe=true` also what did happen.
import { isIP } from 'node:net';
import { Type } from 'typebox';
import type { Attempt } from '../../activities/probe/attempt.ts';
import { parseResourceId, typeOfId } from '../../arm/resource-id.ts';
import type { ActionType } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { JsonObject } from '../../base/json.ts';
import { compileSnapshot } from '../../network/policy/compiled-snapshot.ts';
import { type Explanation, explain, shownName } from '../../network/policy/explain.ts';
import { canonicalHost } from '../../network/policy/host-name.ts';
import type { Endpoint, FlowRecord, Snapshot, Verdict } from '../../network/policy/model.ts';
import { isKnownByTrying, ruleOfCode } from '../../network/policy/rule.ts';
import { zoneNames, zoneOf } from '../../network/policy/zone.ts';
import { networkAskedFor, readScopeOf } from './place.ts';
import { isThrough, type NetworkRooms, type ProbeResult, runProbe, wantsProbe } from './probe.ts';

const Question = Type.Object({
  host: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  serverName: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()])),
  resourceId: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
  groupId: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  integrationRuntime: Type.Optional(Type.String({ minLength: 1, maxLength: 260 })),
});

type Asked = { host: string; port: number; serverName?: string | null };

const bad = (target: string, message: string) => new ServiceError(400, 'InvalidQuestion', message, { target });

/** The endpoints of the network that a question is asked in. */
type EndpointsOf = () => readonly Endpoint[];

/** The host and port that a question is about; of a resource, those of its sub-resource, or of the endpoint to it. */
const readTarget = (body: JsonObject, endpoints: EndpointsOf): Asked => {
  const { host, port, resourceId, groupId } = body;
  if ((host === undefined) === (resourceId === undefined))
    throw bad('host', "Ask about either 'host' (and 'port') or 'resourceId' and 'groupId'.");
  if (typeof host === 'string') return { host, port: typeof port === 'number' ? port : 443 };
  const id = parseResourceId(String(resourceId), 'resourceId');
  if (typeof groupId !== 'string') {
    const whole = endpoints().find((one) => one.groupId === '' && one.resourceId.toLowerCase() === id.key);
    const [name] = whole?.names ?? [];
    if (whole && name) return { host: name.host, port: typeof port === 'number' ? port : (whole.ports[0] ?? 443) };
    throw bad(
      'groupId',
      "'groupId' is required with 'resourceId': blob, table, vault, ... Only a Private Link Service has none, and then an endpoint of the network must lead to it, or ask about a host.",
    );
  }
  const zone = zoneOf(typeOfId(id) ?? '', groupId);
  if (!zone)
    throw bad('groupId', `'${typeOfId(id) ?? id.path}' has no sub-resource '${groupId}' with a name of its own.`);
  return { host: zoneNames(zone, id.names.at(-1)!).host, port: typeof port === 'number' ? port : zone.ports[0]! };
};

const readQuestion = (body: JsonObject, endpoints: EndpointsOf): Asked => {
  const target = readTarget(body, endpoints);
  return body.serverName === undefined ? target : { ...target, serverName: body.serverName as string | null };
};

/** The endpoint behind a verdict, if one is. */
export const endpointBehind = (snapshot: Snapshot, network: string, verdict: Verdict): Endpoint | undefined => {
  const id = 'endpoint' in verdict ? verdict.endpoint : null;
  return snapshot.networks.find(({ key }) => key === network)?.endpoints.find((one) => one.id === id);
};

/** What is said of an allowed flow; a refusal has words of its own. */
export const wordsOf = (verdict: Verdict, endpoint: Endpoint | undefined): { message: string; remedy: string } => {
  if (!verdict.allow) return { message: verdict.message, remedy: verdict.remedy };
  const audited = verdict.audited
    ? ` The egress policy only audits: ${verdict.audited} is recorded, not enforced.`
    : '';
  const message =
    verdict.code === 'Allowed.PrivateEndpoint'
      ? `Managed private endpoint '${endpoint?.name}' is Approved and carries it to ${verdict.groupId ? `${verdict.groupId} of ` : ''}${verdict.resourceId}, and nowhere else.`
      : `'${verdict.host}' is admitted over the public path.${audited}`;
  return { message, remedy: '' };
};

const resolverAnswer = ({ resolution }: Explanation): JsonObject => {
  if (resolution === null) return { answer: 'notAsked', chain: [], address: null };
  const { kind } = resolution;
  return {
    answer: { endpoint: 'privateEndpoint', public: 'publicName', unknown: 'NXDOMAIN', illegal: 'REFUSED' }[kind],
    chain: kind === 'endpoint' ? resolution.chain.map(({ name, alias }) => ({ name, alias })) : [],
    address: kind === 'endpoint' ? resolution.address : null,
  };
};

/** An explanation as the API shows it. */
const show = (snapshot: Snapshot, network: string, told: Explanation, asked: Asked): JsonObject => {
  const { verdict, flow, rule, resolution } = told;
  const endpoint = endpointBehind(snapshot, network, verdict);
  return {
    network,
    host: flow.host,
    // Of a public name the worker sees a synthetic address, another in each worker; of a refused one, none.
    address: resolution === null || resolution.kind === 'endpoint' ? flow.address : null,
    port: asked.port,
    verdict: verdict.allow ? 'allowed' : 'denied',
    code: verdict.code,
    ...wordsOf(verdict, endpoint),
    rule: { ...rule },
    endpoint: endpoint
      ? {
          id: endpoint.id,
          name: endpoint.name,
          state: endpoint.state,
          description: endpoint.description,
          expiresAt: endpoint.expiresAt ?? null,
          resourceId: endpoint.resourceId,
          groupId: endpoint.groupId,
          connection: endpoint.connection,
        }
      : null,
    resolver: resolverAnswer(told),
    snapshotVersion: snapshot.version,
  };
};

/** What no library would ask for is asked in bytes. */
const attemptOf = (asked: Asked): Attempt =>
  isIP(asked.host) === 0 && canonicalHost(asked.host) === null
    ? { id: 'asked', kind: 'query', name: asked.host, type: 'A' }
    : { ...asked, id: 'asked', kind: 'connect', tls: asked.port === 443 || asked.serverName !== undefined };

/** The gateway's record of a connection, or of the question for its name; the newest. */
export const recordOf = (records: readonly FlowRecord[], told: Explanation, asked: Asked): FlowRecord | undefined =>
  records.find(({ host, address, port }) =>
    told.flow.host === null
      ? address === told.flow.address && port === asked.port
      : host === told.flow.host && (port === asked.port || port === 53),
  ) ?? records.find(({ host, port }) => port === 53 && host === shownName(asked.host));

/** What was seen, and the verdict as trying it has made it: what only trying can tell is told then. */
const report = (shown: JsonObject, told: Explanation, asked: Asked, result: ProbeResult): JsonObject => {
  const sight = result.sights.get('asked');
  const record = recordOf(result.records, told, asked);
  const isFound = told.verdict.allow && record !== undefined && isKnownByTrying(record.code);
  const after = isFound
    ? {
        verdict: record.verdict,
        code: record.code,
        message: record.message,
        remedy: record.remedy,
        rule: { ...ruleOfCode(record.code) },
      }
    : { code: told.verdict.code, verdict: told.verdict.allow ? 'allowed' : 'denied' };
  const isTried = sight !== undefined && sight.seen !== 'failed';
  const isSameCode = record ? record.code === after.code : !told.verdict.allow;
  return {
    ...shown,
    ...after,
    probe: {
      worker: result.worker,
      seen: sight?.seen ?? 'failed',
      detail: sight?.detail ?? '',
      gateway: record ? { verdict: record.verdict, code: record.code, message: record.message } : null,
      agrees: isTried && isSameCode && isThrough(sight) === (after.verdict === 'allowed'),
    },
  };
};

/** `POST {network or factory}/providers/Postern.Network/explain`. */
export const explainAction = (rooms: NetworkRooms, permission: string): ActionType => ({
  path: 'providers/Postern.Network/explain',
  method: 'POST',
  permission,
  body: Question,
  run: async (operation, resource) => {
    const scope = await readScopeOf(operation, resource);
    const { integrationRuntime } = operation.body;
    const network = networkAskedFor(scope, resource, integrationRuntime as string | undefined);
    const asked = readQuestion(
      operation.body,
      () => rooms.network.current().networks.find(({ key }) => key === network)?.endpoints ?? [],
    );
    const tell = () => {
      const snapshot = rooms.network.current();
      const told = explain(compileSnapshot(snapshot), network, asked);
      return { told, shown: show(snapshot, network, told, asked) };
    };
    if (!wantsProbe(operation, scope.factory)) return { body: tell().shown };
    const { factory } = scope;
    return {
      later: async () => {
        const result = await runProbe(rooms, { factory, network }, [attemptOf(asked)]);
        // Judged after the fact: what was decided meanwhile holds for both.
        const { told, shown } = tell();
        return report(shown, told, asked, result);
      },
    };
  },
});
