/** How a client calls a store, for links that it will follow: by its host name, or by a loopback address. */
export const requestAuthority = (header: string | undefined, host: string): string => {
  const name = header?.toLowerCase().replace(/:\d+$/, '') ?? '';
  return [host, 'localhost', '127.0.0.1', '[::1]'].includes(name) ? header! : host;
};
