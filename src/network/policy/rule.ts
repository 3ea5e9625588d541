// Which rule of the policy a code comes from, in words for a person who must judge it. The rules stand in `decide.ts`.
import type { DenyCode, Verdict } from './model.ts';

/** A rule by a name that stays, and what it says. */
export type Rule = { name: string; says: string };

const endpoint: Rule = {
  name: 'endpoint',
  says: 'A name or address of a managed private endpoint leads to that endpoint alone: its connection must be Approved, and only the ports of its sub-resource are served.',
};
const name: Rule = { name: 'name', says: 'Nothing is reached by an address: it must have been given for a name.' };
const resolver: Rule = {
  name: 'resolver',
  says: 'Only names of endpoints and legal public host names are resolved, and by the resolver of the network alone.',
};
const firewall: Rule = {
  name: 'firewall',
  says: 'Over the public path a store answers only if its own firewall admits public networks.',
};
const storage: Rule = {
  name: 'storage',
  says: 'Storage and data lake hosts are reached by a private endpoint only, never over the public path.',
};
const elsewhere: Rule = {
  name: 'private-store',
  says: 'A store that has a private endpoint anywhere is reached by private endpoint only.',
};
const port: Rule = {
  name: 'port',
  says: 'Public hosts are reached on TCP port 443 only, unless the egress policy of the network says AnyPort.',
};
const list: Rule = { name: 'egress', says: 'The egress policy of the network says which public hosts may be reached.' };
const serverName: Rule = { name: 'server-name', says: 'The TLS server name must be the name that was resolved.' };
const inside: Rule = { name: 'inside', says: 'A public name may not lead to an address of the inside.' };
const store: Rule = { name: 'store', says: 'What is allowed passes while the store answers.' };
const limit: Rule = { name: 'limit', says: 'One worker has so many connections at a time and no more.' };

const byCode: { readonly [Code in Verdict['code']]: Rule } = {
  'Allowed.PrivateEndpoint': endpoint,
  'Allowed.PublicHttps': list,
  EndpointPending: endpoint,
  EndpointRejected: endpoint,
  EndpointDisconnected: endpoint,
  EndpointExpired: endpoint,
  UnknownPort: endpoint,
  AddressLiteral: name,
  PublicAccessDisabled: firewall,
  PrivateEndpointRequired: storage,
  PrivateEndpointExists: elsewhere,
  PortNotAllowed: port,
  HostNotAllowed: list,
  ServerNameMismatch: serverName,
  TargetIsInternal: inside,
  StoreUnavailable: store,
  HostUnreachable: store,
  TooManyFlows: limit,
};

/** The rule that a verdict comes from; `isUnresolved` where the name was not even resolved. */
export const ruleOf = (verdict: Verdict, isUnresolved = false): Rule =>
  isUnresolved ? resolver : byCode[verdict.code];

/** What no rule can tell before it is tried: where a public name leads, whether a store or a host answers, how many flows there are. */
export const isKnownByTrying = (code: string): boolean =>
  (
    ['TargetIsInternal', 'StoreUnavailable', 'HostUnreachable', 'TooManyFlows'] satisfies DenyCode[] as string[]
  ).includes(code);

/** The rule behind a code that a gateway recorded. */
export const ruleOfCode = (code: string): Rule => byCode[code as Verdict['code']] ?? resolver;
