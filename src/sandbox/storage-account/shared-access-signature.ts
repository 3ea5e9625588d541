// Shared access signatures: a right that whoever holds a key has signed, for the account or for one place in it. Pure.
import { isSigned } from './shared-key.ts';
import { StorageError } from './storage-error.ts';
import { type Face, type StorageRequest, splitPath } from './storage-request.ts';

/** What an operation works on, the letters of which a signature must grant one, and where: the request's path unless given. */
export type Need = { level: 'service' | 'container' | 'object'; anyOf: string; path?: string };

/** Start, end and letters of a stored access policy; ISO 8601. */
export type StoredPolicy = {
  start?: string | undefined;
  expiry?: string | undefined;
  permissions?: string | undefined;
};

/** What the verifier must know of the account. */
export type Signer = {
  face: Face;
  keys(): readonly string[];
  /** The policy of a container, file system or share that a signature names by `si`. */
  policyOf(root: string, id: string): StoredPolicy | undefined;
};

const refuse = (code: string, message: string) => new StorageError(403, code, message);
const failed = (why: string) =>
  refuse('AuthenticationFailed', `Server failed to authenticate the request: ${why} Sign the request anew.`);

const requireTime = (from: string | undefined, until: string | undefined, now: number): void => {
  const end = Date.parse(until ?? '');
  if (Number.isNaN(end)) throw failed('the signature has no end (se) that is a date.');
  if (now >= end) throw failed(`the signature has expired (${until}).`);
  if (from && !(Date.parse(from) <= now)) throw failed(`the signature is not valid before ${from}.`);
};

const requireLetters = (granted: string, need: Need): void => {
  if (![...need.anyOf].some((letter) => granted.includes(letter)))
    throw refuse(
      'AuthorizationPermissionMismatch',
      `The signature grants '${granted}', and this operation needs ${[...need.anyOf].join(' or ')}.`,
    );
};

// Requests arrive through the sealed network: the address of who asks is not to be seen here.
const requireNoAddress = (at: (name: string) => string): void => {
  if (at('sip') !== '')
    throw refuse(
      'AuthorizationSourceIPMismatch',
      'The signature names an address (sip), which the sandbox cannot see. Sign without it.',
    );
};

const levels = { service: 's', container: 'c', object: 'o' } as const;

const verifyAccount = (signer: Signer, at: (name: string) => string) => {
  const names = ['sp', 'ss', 'srt', 'st', 'se', 'sip', 'spr', 'sv'];
  if (at('sv') >= '2020-12-06') names.push('ses');
  const text = `${[signer.face.account, ...names.map(at)].join('\n')}\n`;
  if (!isSigned(at('sig'), signer.keys(), [text])) throw failed('the signature did not match.');
  requireTime(at('st'), at('se'), Date.now());
  if (!at('ss').includes(signer.face.service === 'file' ? 'f' : 'b'))
    throw refuse('AuthorizationServiceMismatch', `The signature is for the services '${at('ss')}' only.`);
  return (need: Need): void => {
    if (!at('srt').includes(levels[need.level]))
      throw refuse('AuthorizationResourceTypeMismatch', `The signature is for the resource types '${at('srt')}' only.`);
    requireLetters(at('sp'), need);
  };
};

/** The path that a signature of this kind covers, of the one that is asked for. */
const coveredPath = (path: string, kind: string, depth: string): string => {
  const { root } = splitPath(path);
  if (kind === 'c' || kind === 's') return root;
  if (kind === 'd' && /^\d{1,3}$/.test(depth))
    return path
      .split('/')
      .slice(0, 1 + Number(depth))
      .join('/');
  return path;
};

const kindsOf = { dfs: ['c', 'b', 'd'], file: ['s', 'f'] } as const;

const serviceTexts = (signer: Signer, at: (name: string) => string, covered: string): string => {
  const { account, service } = signer.face;
  const answer = ['rscc', 'rscd', 'rsce', 'rscl', 'rsct'];
  const place = `/${service === 'file' ? 'file' : 'blob'}/${account}/${covered}`;
  const first = [at('sp'), at('st'), at('se'), place, at('si'), at('sip'), at('spr'), at('sv')];
  if (service === 'file') return [...first, ...answer.map(at)].join('\n');
  const more = at('sv') >= '2020-12-06' ? [at('ses')] : [];
  return [...first, at('sr'), at('snapshot'), ...more, ...answer.map(at)].join('\n');
};

const verifyService = (signer: Signer, request: StorageRequest, at: (name: string) => string) => {
  const kind = at('sr');
  const { service } = signer.face;
  if (!(kindsOf[service] as readonly string[]).includes(kind) || at('sv') < '2018-11-09')
    throw failed(`signatures of version '${at('sv')}' for resources '${kind}' are not taken here.`);
  const covered = coveredPath(request.path, kind, at('sdd'));
  if (!isSigned(at('sig'), signer.keys(), [serviceTexts(signer, at, covered)]))
    throw failed('the signature did not match.');
  const policy = at('si') === '' ? {} : signer.policyOf(splitPath(request.path).root, at('si'));
  if (!policy) throw failed(`the stored access policy '${at('si')}' does not exist.`);
  requireTime(at('st') || policy.start, at('se') || policy.expiry, Date.now());
  const isWhole = kind === 'c' || kind === 's';
  return (need: Need): void => {
    const path = need.path ?? request.path;
    const isCovered = path === covered || ((isWhole || kind === 'd') && path.startsWith(`${covered}/`));
    if (need.level === 'service' || (need.level === 'container' && !isWhole) || !isCovered)
      throw refuse('AuthorizationResourceTypeMismatch', `The signature is for '${covered}' only.`);
    requireLetters(at('sp') || (policy.permissions ?? ''), need);
  };
};

/** Verifies the signature in a URL; what it gives then refuses (403) whatever the signature does not grant. */
export const verifySharedAccessSignature = (signer: Signer, request: StorageRequest): ((need: Need) => void) => {
  const at = (name: string) => request.query.get(name) ?? '';
  if (at('skoid') !== '') throw failed('user delegation signatures are not taken here; sign with an account key.');
  requireNoAddress(at);
  return at('ss') === '' ? verifyService(signer, request, at) : verifyAccount(signer, at);
};
