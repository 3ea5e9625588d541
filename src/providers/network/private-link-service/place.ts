// Where a Private Link Service leads: each port that it serves, as its owner says it by an address or by tags. Pure.
import { isIP } from 'node:net';
import { ServiceError } from '../../../base/error.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Backend } from '../../../network/policy/model.ts';
import { backendTag } from '../../attachment.ts';
import { type Attachable, parseBackend } from '../../store-directory.ts';
import { objectAt } from '../subnet-body.ts';

/** The tag that lists the ports of a `destinationIPAddress`. */
const portsTag = 'postern-ports';

const mostPorts = 32;
/** Names are answered on this port, so no service can be reached there. */
const resolverPort = 53;

type Tags = Readonly<Record<string, string>>;

/** A port, where it leads, and the field that says so. */
type Place = { port: number; backend: Backend; field: string };

const refuse = (field: string, message: string, code = 'InvalidTag') =>
  new ServiceError(code === 'AddressNotAttachable' ? 403 : 400, code, message, { target: field });

const readPort = (text: string, field: string): number => {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  if (port < 1 || port > 65535 || port === resolverPort)
    throw refuse(field, `'${text.trim()}' of '${field}' is no port that a service can have: 1 to 65535, but for 53.`);
  return port;
};

const portsOf = (text: string, field: string): number[] =>
  text
    .split(',')
    .filter((port) => port.trim() !== '')
    .map((port) => readPort(port, field));

const ofAddress = (address: string, tags: Tags): Place[] => {
  const field = 'properties.destinationIPAddress';
  if (isIP(address) === 0) throw refuse(field, `'${address}' is no IP address.`, 'InvalidIPAddress');
  const other = Object.keys(tags).find((tag) => tag.toLowerCase().startsWith(backendTag));
  if (other !== undefined)
    throw refuse(
      `tags.${other}`,
      `The service leads to its destinationIPAddress, and the tag '${other}' says another place. Leave one of them out; ports go into the tag '${portsTag}'.`,
    );
  const [tag, text = ''] = Object.entries(tags).find(([name]) => name.toLowerCase() === portsTag) ?? [];
  const ports = portsOf(text, `tags.${tag ?? portsTag}`);
  if (ports.length === 0)
    throw refuse(
      `tags.${portsTag}`,
      `Say in the tag '${portsTag}' which TCP ports the service has, for instance 5432 or 5432,1433: an endpoint serves those and no other.`,
    );
  return ports.map((port) => ({ port, backend: { address, port }, field }));
};

const ofTags = (tags: Tags): Place[] =>
  Object.entries(tags).flatMap(([tag, text]) => {
    const name = tag.toLowerCase();
    const field = `tags.${tag}`;
    if (name === portsTag)
      throw refuse(
        field,
        `The tag '${tag}' goes with a destinationIPAddress. Here each port has a tag of its own: '${backendTag}-1434' = 10.1.2.3:1433.`,
      );
    if (name !== backendTag && !name.startsWith(`${backendTag}-`)) return [];
    const backend = parseBackend(text);
    if (!backend)
      throw refuse(
        field,
        `The tag '${tag}' is '${text}': write the address and port of the service, as 10.1.2.3:5432 or [fd00::3]:5432. Host names are not accepted.`,
      );
    const port = readPort(name === backendTag ? String(backend.port) : name.slice(backendTag.length + 1), field);
    return { port, backend, field };
  });

const readPlaces = (body: JsonObject, tags: Tags): Place[] => {
  const { destinationIPAddress: address } = objectAt(body.properties);
  const places = typeof address === 'string' && address !== '' ? ofAddress(address, tags) : ofTags(tags);
  if (places.length === 0)
    throw refuse(
      `tags.${backendTag}`,
      `Postern has no load balancers: say in the tag '${backendTag}' where the service behind this one listens, as 10.1.2.3:5432.`,
    );
  if (places.length > mostPorts)
    throw refuse(places[mostPorts]!.field, `A Private Link Service serves at most ${mostPorts} ports.`);
  const twice = places.find(({ port }, at) => places.findIndex((other) => other.port === port) !== at);
  if (twice) throw refuse(twice.field, `Port ${twice.port} is named twice; it leads to one place.`);
  return places;
};

/** Refuses a service that leads nowhere, or where the operator does not let services be attached. */
export const requirePlaces = (body: JsonObject, tags: Tags, attachable: Attachable): void => {
  const closed = readPlaces(body, tags).find(({ backend }) => !attachable.allows(backend.address));
  if (!closed) return;
  throw refuse(
    closed.field,
    `The address ${closed.backend.address} of '${closed.field}' is not in a range that this Postern lets services be attached at. Its operator lists ranges with 'postern up --attachable 10.1.0.0/16'.`,
    'AddressNotAttachable',
  );
};

const stillPlaces = (body: JsonObject, tags: Tags): Place[] => {
  try {
    return readPlaces(body, tags);
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
};

/** Where each port leads now: null where the operator does not allow the address any more. What was lawful once and is no longer leads nowhere. */
export const placesOf = (body: JsonObject, tags: Tags, attachable: Attachable): Record<number, Backend | null> =>
  Object.fromEntries(
    stillPlaces(body, tags).map(({ port, backend }) => [port, attachable.allows(backend.address) ? backend : null]),
  );
