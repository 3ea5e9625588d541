// The login of a server's administrator: what it may be, and what is kept of its password.
import type { Operation } from '../../arm/resource-type.ts';
import { ServiceError } from '../../base/error.ts';
import type { Json } from '../../base/json.ts';
import type { Database, Tx } from '../../database/database.ts';
import { readSecrets, type SecretKey, writeSecrets } from '../../database/secret.ts';
import { hashPassword } from '../../sandbox/sql-server/password.ts';

const reserved = ['admin', 'administrator', 'guest', 'root', 'sa', 'public', 'dbo', 'sys', 'dbmanager', 'loginmanager'];
const secretPath = 'loginPasswordHash';

const refuse = (code: string, message: string, field: string) =>
  new ServiceError(400, code, message, { target: `properties.${field}` });

/** Refuses a name that no administrator may have. `field` is where it stands. */
export const checkLogin = (login: Json | undefined, field: string): void => {
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
export const checkPassword = (password: Json | undefined, login: string, field: string): string => {
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
export const writePassword = (operation: Operation, key: SecretKey, password: string): Promise<void> =>
  writeSecrets(operation.tx, key, operation.id.key, new Map([[secretPath, hashPassword(password)]]));

/** What knows the password of a server's administrator again. */
export const readPasswordHash = async (db: Database | Tx, key: SecretKey, resourceKey: string): Promise<string> =>
  String((await readSecrets(db, key, resourceKey)).get(secretPath) ?? '');
