// Access control lists as Data Lake writes them: `user::rwx,group:<id>:r-x,default:other::---`. They are kept and shown;
// whoever holds an account key or a signature is not held to them, as in Azure. Pure.
import { StorageError } from '../storage-account/storage-error.ts';

/** Who owns a path and who may do what with it. `acl` is in the form above. */
export type AccessControl = { owner: string; group: string; acl: string; isSticky?: boolean };

type Entry = { scope: '' | 'default:'; kind: 'user' | 'group' | 'mask' | 'other'; id: string; rights: string };

const superuser = '$superuser';

const refuse = (message: string) => new StorageError(400, 'InvalidInput', message);

const parse = (acl: string, hasRights = true): Entry[] =>
  acl.split(',').map((text) => {
    const found = /^(default:)?(user|group|mask|other):([\w.@$-]{0,256})(?::([r-][w-][x-]))?$/.exec(text.trim());
    const [, scope = '', kind, id = '', rights = ''] = found ?? [];
    if (kind === undefined || (rights === '') === hasRights)
      throw refuse(`'${text.slice(0, 100)}' is no entry of an access control list, such as user::rwx or group:id:r-x.`);
    if (id !== '' && (kind === 'mask' || kind === 'other')) throw refuse(`'${kind}' takes no id.`);
    return { scope, kind, id, rights } as Entry;
  });

const keyOf = ({ scope, kind, id }: Entry) => `${scope}${kind}:${id}`;
const format = (entries: readonly Entry[]) => entries.map((each) => `${keyOf(each)}:${each.rights}`).join(',');
const merge = (entries: readonly Entry[], over: readonly Entry[]) => [
  ...new Map([...entries, ...over].map((each) => [keyOf(each), each])).values(),
];

const digit = (bits: number) => `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`;

/** The bits of `0750` or `rwxr-x---`, with the sticky bit as 0o1000. */
const bitsOf = (permissions: string): number => {
  if (/^[01]?[0-7]{3}$/.test(permissions)) return Number.parseInt(permissions, 8);
  if (!/^([r-][w-][x-]){2}[r-][w-][xtT-]\+?$/.test(permissions))
    throw refuse(`'${permissions.slice(0, 20)}' are no permissions, such as 0750 or rwxr-x---.`);
  const bits = Array.from(permissions.slice(0, 9)).reduce(
    (sum, each) => sum * 2 + (each === '-' || each === 'T' ? 0 : 1),
    0,
  );
  return bits + (/[tT]/.test(permissions) ? 0o1000 : 0);
};

const entriesOf = (bits: number): Entry[] =>
  (['user', 'group', 'other'] as const).map((kind, index) => ({
    scope: '',
    kind,
    id: '',
    rights: digit((bits >> (6 - 3 * index)) & 7),
  }));

/** The list of a new path: what its folder hands down, else what the request asks for, less its mask. */
export const newAccess = (
  parent: AccessControl | undefined,
  isDirectory: boolean,
  asked: { permissions?: string | undefined; umask?: string | undefined; acl?: string | undefined },
): AccessControl => {
  const owners = { owner: superuser, group: superuser };
  const mask = asked.umask === undefined ? 0o027 : bitsOf(asked.umask);
  const bits = asked.permissions === undefined ? (isDirectory ? 0o777 : 0o666) : bitsOf(asked.permissions);
  const own = entriesOf(bits & ~mask & 0o777);
  const handed = parent ? parse(parent.acl).filter(({ scope }) => scope !== '') : [];
  const entries =
    handed.length > 0
      ? merge(
          own,
          handed.map((each): Entry => ({ ...each, scope: '' })),
        )
      : own;
  const given = asked.acl === undefined ? [] : parse(asked.acl);
  return { ...owners, acl: format(merge([...entries, ...(isDirectory ? handed : [])], given)) };
};

/** What a path without a list of its own has. */
export const plainAccess = (isDirectory: boolean): AccessControl => newAccess(undefined, isDirectory, {});

/** `rwxr-x---`, with `t` for the sticky bit and a `+` where the list says more. */
export const permissionsOf = ({ acl, isSticky }: AccessControl): string => {
  const entries = parse(acl);
  const rights = (kind: Entry['kind']) => entries.find((each) => keyOf(each) === `${kind}:`)?.rights ?? '---';
  const mode = `${rights('user')}${rights('group')}${rights('other')}`;
  const shown = isSticky ? `${mode.slice(0, 8)}${mode.endsWith('x') ? 't' : 'T'}` : mode;
  return entries.some(({ id, scope }) => id !== '' || scope !== '') ? `${shown}+` : shown;
};

/** What a request writes over a list: owner, group, and either permissions or a whole list. */
export const changeAccess = (
  access: AccessControl,
  asked: {
    owner?: string | undefined;
    group?: string | undefined;
    permissions?: string | undefined;
    acl?: string | undefined;
  },
): AccessControl => {
  const { owner = access.owner, group = access.group, permissions, acl } = asked;
  if (permissions !== undefined && acl !== undefined) throw refuse('Give permissions or a list (acl), not both.');
  if (acl !== undefined) {
    const entries = parse(acl);
    for (const kind of ['user', 'group', 'other'])
      if (!entries.some((each) => keyOf(each) === `${kind}:`)) throw refuse(`A whole list must have '${kind}::'.`);
    return { ...access, owner, group, acl: format(merge(entries, [])) };
  }
  if (permissions === undefined) return { ...access, owner, group };
  const bits = bitsOf(permissions);
  return { owner, group, acl: format(merge(parse(access.acl), entriesOf(bits))), isSticky: (bits & 0o1000) !== 0 };
};

export const recursiveModes = ['set', 'modify', 'remove'] as const;

/** What a recursive change makes of one list. A file takes no default entries. */
export const changeRecursively = (
  access: AccessControl,
  mode: (typeof recursiveModes)[number],
  acl: string,
  isDirectory: boolean,
): AccessControl => {
  if (mode === 'remove') {
    const gone = new Set(parse(acl, false).map(keyOf));
    return { ...access, acl: format(parse(access.acl).filter((each) => !gone.has(keyOf(each)))) };
  }
  const entries = parse(acl).filter(({ scope }) => isDirectory || scope === '');
  return mode === 'set'
    ? changeAccess(access, { acl: format(entries) })
    : { ...access, acl: format(merge(parse(access.acl), entries)) };
};
