// Where the network commands ask: a managed network by its id, or a factory by its name.

import { isIP } from 'node:net';
import type { JsonObject } from '../base/json.ts';
import { withoutSlashes } from '../base/text.ts';
import type { Client } from './client.ts';
import { CommandError } from './command-error.ts';
import { values } from './identity.ts';

const factoryVersion = 'api-version=2018-06-01';
const networkVersion = 'api-version=2026-11-01';

/** The options by which the network commands are told where. */
export type WhereOptions = { network?: string; factory?: string };

const findFactory = async (client: Client, name: string | undefined): Promise<string> => {
  const subscription = `/subscriptions/${client.connection.subscriptionId}`;
  const list = await client.call('GET', `${subscription}/providers/Microsoft.DataFactory/factories?${factoryVersion}`);
  const factories = values(list).map((item) => ({ id: String(item.id), name: String(item.name) }));
  const names = factories.map((factory) => factory.name).join(', ') || 'none yet';
  if (name === undefined) {
    if (factories.length === 1) return factories[0]!.id;
    throw new CommandError(`Which factory? Write --factory NAME or --network ID. Factories: ${names}.`, { status: 2 });
  }
  const found = factories.find((one) => [one.name, one.id].some((text) => text.toLowerCase() === name.toLowerCase()));
  if (found) return found.id;
  throw new CommandError(`--factory ${name}: no such factory. Factories: ${names}.`, { status: 2 });
};

/** The id of the network or factory that is meant; the only factory where nothing is said. */
export const findPlace = async (client: Client, { network, factory }: WhereOptions): Promise<string> => {
  if (network === undefined) return findFactory(client, factory);
  if (network.startsWith('/')) return withoutSlashes(network);
  throw new CommandError(
    `--network ${network}: write the id of a managed virtual network, as /subscriptions/.../managedVirtualNetworks/default, or use --factory NAME.`,
    { status: 2 },
  );
};

/** The managed network of a place where it has one, else the place: what a question about one network is asked of. */
export const oneNetworkOf = async (client: Client, place: string): Promise<string> => {
  if (!/\/factories\/[^/]+$/i.test(place)) return place;
  const [first] = values(await client.call('GET', `${place}/managedVirtualNetworks?${factoryVersion}`));
  return first ? String(first.id) : place;
};

/** Asks an operation of Postern.Network at a place. */
export const askNetwork = (
  client: Client,
  method: 'GET' | 'POST',
  place: string,
  operation: string,
  query: Readonly<Record<string, string>> = {},
  body: JsonObject = {},
): Promise<JsonObject> => {
  const more = new URLSearchParams(query).toString();
  const path = `${place}/providers/Postern.Network/${operation}?${networkVersion}${more && `&${more}`}`;
  return method === 'GET' ? client.call('GET', path) : client.call('POST', path, body);
};

/** Reads `HOST`, `HOST:PORT`, `ADDRESS` or `[ADDRESS]:PORT`; the port is 443 unless given. */
export const parseHostPort = (text: string | undefined): { host: string; port: number } => {
  const wrong = () =>
    new CommandError(`Write what is to be reached as HOST or HOST:PORT, as acme.blob.core.windows.net:443.`, {
      status: 2,
    });
  if (text === undefined || text === '') throw wrong();
  if (isIP(text) !== 0) return { host: text, port: 443 };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:/]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? 443 : Number(digits);
  if (host === undefined || port < 1 || port > 65535) throw wrong();
  return { host, port };
};
