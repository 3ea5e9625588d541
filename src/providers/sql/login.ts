// The login of a server's administrator: what it may be, and what is kept of its password.
import type { Operation, Resource } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { readSecrets, type SecretKey, writeSecrets } from '../../database/secret.ts';
import { hashPassword } from '../../sandbox/sql-server/password.ts';

const reserved = ['admin', 'administrator', 'guest', 'root', 'sa', 'public', 'dbo', 'sys', 'dbmanager', 'loginmanager'];
const secretPath = 'loginPasswordHash';

const refuse = (code: string, message: string, field: string) =>
  new ServiceError(400, code, message, { target: `properties.${field}` });

/** Refuses a name that no administrator may have. `field` is where it stands. */
const checkLogin = (login: Json | undefined, field: string): void => {
  if (typeof login !== 'string' || login === '')
    throw refuse('InvalidParameterValue', `'${field}' is required: the name of the server's administrator.`, field);
  if (reserved.includes(login.toLowerCase()) || !/^[A-Za-z_][\w.$-]{0,127}$/.test(login))
    throw refuse(
      'InvalidParameterValue',
      `'${login.slice(0, 128)}' is not allowed as '${field}': letters, digits and _ . $ -, beginning with a letter, and none of ${reserved.join(', ')}.`,
      field,
    );
};

/** Refuses a password that is too easy. */
const checkPassword = (password: Json | undefined, login: string, field: string): string => {
  const text = typeof password === 'string' ? password : '';
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  const isEasy = text.length < 8 || text.length > 128 || kinds < 3 || text.toLowerCase().includes(login.toLowerCase());
  if (isEasy || text.includes('\0'))
    throw refuse(
      'PasswordNotComplex',
      `'${field}' is not complex enough: 8 to 128 characters of three of these kinds: lower case, upper case, digits, others; and without the login's name in it.`,
      field,
    );
  return text;
};

/** Keeps what knows the password again. The password itself is kept nowhere. */
const writePassword = (operation: Operation, key: SecretKey, password: string): Promise<void> =>
  writeSecrets(operation.tx, key, operation.id.key, new Map([[secretPath, hashPassword(password)]]));

/** What knows the password of a server's administrator again. */
export const readPasswordHash = async (db: Database | Tx, key: SecretKey, resourceKey: string): Promise<string> =>
  String((await readSecrets(db, key, resourceKey)).get(secretPath) ?? '');

/** Where a kind of server has the login of its administrator, and what it is called. */
export type LoginFields = { login: string; password: string; word: string };

const propertiesOf = (body: JsonObject): JsonObject => (isJsonObject(body.properties) ? body.properties : {});

/** Keeps the login of a server that is created, or refuses it. */
export const createLogin = async (operation: Operation, key: SecretKey, fields: LoginFields): Promise<void> => {
  const { [fields.login]: login, [fields.password]: password } = propertiesOf(operation.body);
  checkLogin(login, fields.login);
  await writePassword(operation, key, checkPassword(password, String(login), fields.password));
};

/** Keeps the new password of a server that is written, where there is one; another login is refused. */
export const updateLogin = async (
  operation: Operation,
  key: SecretKey,
  existing: Resource,
  fields: LoginFields,
): Promise<void> => {
  const { [fields.login]: login, [fields.password]: password } = propertiesOf(operation.body);
  const known = String(propertiesOf(existing.body)[fields.login] ?? '');
  if (login !== undefined && login !== known)
    throw refuse(
      'InvalidParameterValue',
      `The administrator's login is '${known}' and stays: it is given when the ${fields.word} is created.`,
      fields.login,
    );
  if (typeof password === 'string')
    await writePassword(operation, key, checkPassword(password, known, fields.password));
};
