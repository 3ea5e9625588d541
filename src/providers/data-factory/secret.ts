// Secrets leave a body before it is stored. What is left is what everybody may see; a client that sends it back
// unchanged keeps the stored secrets, and one that changed what they are for must give them again.
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { pathBelow, secretMask, takeSecrets } from '../../database/secret.ts';
import { withoutSecrets } from './connection-string.ts';

/** A body without its secrets, the secrets by path, the paths whose stored secret stays, and what is wrong, if anything. */
export type Parted = {
  body: JsonObject;
  secrets: Map<string, Json>;
  kept: string[];
  refused: { path: string; reason: string } | null;
};

const secretFields = new Set([
  'accountkey',
  'sasuri',
  'sastoken',
  'password',
  'passphrase',
  'pwd',
  'serviceprincipalkey',
  'serviceprincipalcredential',
  'secretaccesskey',
  'accesskey',
  'apikey',
  'functionkey',
  'clientsecret',
  'accesstoken',
  'privatekeycontent',
]);

type Marks = { whole: Set<string>; strings: Map<string, string> };

const mark = (value: Json, path: string, marks: Marks): Json => {
  if (typeof value === 'string') {
    if (value === secretMask || /[?&]sig=/i.test(value)) marks.whole.add(path);
    const shown = marks.whole.has(path) ? null : withoutSecrets(value);
    if (shown !== null) marks.strings.set(path, value);
    return shown ?? value;
  }
  if (Array.isArray(value)) return value.map((item, index) => mark(item, pathBelow(path, `${index}`), marks));
  if (!isJsonObject(value)) return value;
  const isSecure = value.type === 'SecureString';
  const entries = Object.entries(value).map(([name, item]): [string, Json] => {
    const below = pathBelow(path, name);
    if (isSecure && name === 'defaultValue') marks.whole.add(below);
    if (isSecure && name === 'value') return [name, item];
    if (secretFields.has(name.toLowerCase())) marks.whole.add(below);
    return [name, mark(item, below, marks)];
  });
  return Object.fromEntries(entries);
};

const collectUses = (value: Json, path: string, uses: Map<string, JsonObject>): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    const below = pathBelow(path, name);
    if (name === 'typeProperties' && isJsonObject(item)) uses.set(below, item);
    collectUses(item, below, uses);
  }
};

const usesOf = (body: JsonObject) => {
  const uses = new Map<string, JsonObject>();
  collectUses(body, '', uses);
  return uses;
};

/** The `typeProperties` that a path stands in: what the secret there is used with. */
const useOf = (path: string, uses: ReadonlyMap<string, JsonObject>): string | undefined =>
  [...uses.keys()].filter((use) => path.startsWith(`${use}.`)).sort((a, b) => b.length - a.length)[0];

const typeOf = (body: JsonObject) => (isJsonObject(body.properties) ? body.properties.type : undefined);

const credentialIn = (uses: ReadonlyMap<string, JsonObject>, use: string | undefined) =>
  use === undefined ? undefined : uses.get(use)?.encryptedCredential;

/**
 * Parts a body from its secrets. `stored` is the body as it was stored before, with the paths of its secrets; null for
 * a new resource. A connection string loses its secret pairs and its `typeProperties` gains `encryptedCredential`.
 */
export const partSecrets = (
  body: JsonObject,
  stored: { body: JsonObject; paths: ReadonlySet<string> } | null,
): Parted => {
  const marks: Marks = { whole: new Set(), strings: new Map() };
  const marked = mark(body, '', marks) as JsonObject;
  const taken = takeSecrets(marked, (path) => marks.whole.has(path));
  const uses = usesOf(taken.body);
  const storedUses = stored ? usesOf(stored.body) : new Map<string, JsonObject>();
  for (const [path, clear] of marks.strings) {
    taken.secrets.set(path, clear);
    const use = useOf(path, uses);
    if (use !== undefined) uses.get(use)!.encryptedCredential = randomBytes(24).toString('base64');
  }
  const kept = [...taken.kept];
  for (const path of stored?.paths ?? []) {
    const use = useOf(path, uses);
    const credential = credentialIn(uses, use);
    if (taken.secrets.has(path) || kept.includes(path) || credential === undefined) continue;
    if (credential === credentialIn(storedUses, use)) kept.push(path);
  }
  const refused = kept
    .map((path) => {
      if (!stored?.paths.has(path))
        return {
          path,
          reason: `'${path}' holds the mask of a secret, and no secret is stored for it. Send the secret.`,
        };
      const use = useOf(path, uses);
      const isSame =
        typeOf(body) === typeOf(stored.body) &&
        (use === undefined || isDeepStrictEqual(uses.get(use), storedUses.get(use)));
      return isSame
        ? null
        : {
            path,
            reason: `the secret of '${path}' was left out, but what it is used with has changed. Send the secret again.`,
          };
    })
    .find((refusal) => refusal !== null);
  return { body: taken.body, secrets: taken.secrets, kept, refused: refused ?? null };
};
