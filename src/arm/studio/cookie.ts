const name = '__Host-postern-session';
// The prefix has browsers insist on Secure and `/`, and take it from this host alone.
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The header that gives a browser its session. */
export const sessionCookie = (token: string): string => `${name}=${token}; ${attributes}`;

/** The header that takes it back. */
export const noCookie = `${name}=; ${attributes}; Max-Age=0`;

/** The token in a Cookie header; null where there is none, '' where it cannot be one of ours. */
export const tokenOf = (header: string | undefined): string | null => {
  const found = (header ?? '').split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
  if (found.length === 0) return null;
  return found.length === 1 && /^[\w-]{43}$/.test(found[0]!) ? found[0]! : '';
};
