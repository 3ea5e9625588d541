// From a path to what it means: routes are made from the registry, and nothing is matched by anything but it.
import { ServiceError } from '../base/error.ts';
import { idOfSegments, type ResourceId } from './resource-id.ts';
import type { ActionType, Registry, ResourceType, Route } from './resource-type.ts';

type Parameters = Readonly<Record<string, string>>;

/** What a request is about. `scope` is the path that contains it: a parent, a group, a subscription, or empty. */
export type Destination =
  | { kind: 'resource'; type: ResourceType; id: ResourceId; scope: ResourceId }
  | { kind: 'collection'; type: ResourceType; scope: ResourceId }
  | { kind: 'action'; type: ResourceType; id: ResourceId; action: ActionType; parameters: Parameters }
  | { kind: 'route'; route: Route; parameters: Parameters; scope: ResourceId };

/** Finds what a method and a path mean, or says what is wrong with them (404, 405). */
export type Dispatch = (method: string, segments: readonly string[]) => Destination;

/** The type of a resource group, which has a path of its own. */
export const groupType = 'Microsoft.Resources/resourceGroups';

const matches = (template: readonly string[], segments: readonly string[]): Parameters | null => {
  if (template.length !== segments.length) return null;
  const parameters: Record<string, string> = Object.create(null);
  for (const [index, part] of template.entries()) {
    const segment = segments[index]!;
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return null;
  }
  return parameters;
};

const split = (path: string) => path.split('/').filter((part) => part !== '');

const notAllowed = (method: string, segments: readonly string[], allowed: readonly string[]) =>
  new ServiceError(
    405,
    'MethodNotAllowed',
    `${method} is not possible for '/${segments.join('/')}'. Possible: ${allowed.join(', ')}.`,
    { headers: { allow: allowed.join(', ') } },
  );

const nothingAt = (segments: readonly string[]) =>
  new ServiceError(404, 'NotFound', `There is nothing at '/${segments.join('/')}'.`, { target: 'path' });

/** The tenant, a subscription, a resource group or a resource: what an extension may stand on. */
const isScope = (segments: readonly string[]) => {
  const id = idOfSegments(segments);
  if (id.namespace !== null)
    return id.subscriptionId !== null && id.types.length > 0 && id.types.length === id.names.length;
  return segments.length === (id.resourceGroup !== null ? 4 : id.subscriptionId !== null ? 2 : 0);
};

const methodsOf = (type: ResourceType): string[] => {
  if (type.kept) return ['GET', 'HEAD', ...type.kept.methods];
  const canPut = type.writable !== false && (!type.rows || type.rows.put !== undefined);
  const canDelete = type.writable !== false && (!type.rows || type.rows.delete !== undefined);
  return [
    'GET',
    'HEAD',
    ...(canPut ? ['PUT'] : []),
    ...(canPut && (type.patch || type.tracked) ? ['PATCH'] : []),
    ...(canDelete ? ['DELETE'] : []),
  ];
};

/** Builds the dispatcher of a registry; throws where two types have one name. */
export const createDispatch = (registry: Registry): Dispatch => {
  const types = new Map<string, ResourceType>();
  for (const type of registry.types) {
    const key = type.type.toLowerCase();
    if (types.has(key)) throw new Error(`Two resource types are called ${type.type}.`);
    types.set(key, type);
  }
  const namespaces = new Set(registry.types.map((type) => type.type.split('/')[0]!.toLowerCase()));
  const routes = registry.routes.map((route) => ({ route, template: split(route.path) }));

  const resource = (method: string, type: ResourceType, segments: readonly string[], scope: readonly string[]) => {
    const allowed = methodsOf(type);
    if (!allowed.includes(method)) throw notAllowed(method, segments, allowed);
    return { kind: 'resource', type, id: idOfSegments(segments), scope: idOfSegments(scope) } as const;
  };
  const collection = (
    method: string,
    type: ResourceType,
    segments: readonly string[],
    scope: readonly string[],
  ): Destination => {
    if (method !== 'GET') throw notAllowed(method, segments, ['GET']);
    return { kind: 'collection', type, scope: idOfSegments(scope) };
  };

  const unknownType = (namespace: string, type: string) =>
    new ServiceError(
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace '${namespace}'. Types: ${registry.types
        .filter((one) => one.type.toLowerCase().startsWith(`${namespace.toLowerCase()}/`))
        .map((one) => one.type.slice(namespace.length + 1))
        .join(', ')}.`,
      { target: 'path' },
    );

  const findRoute = (method: string, segments: readonly string[]): Destination | null => {
    const found = routes.flatMap(({ route, template }) => {
      const parameters = matches(template, segments);
      return parameters ? [{ route, parameters }] : [];
    });
    if (found.length === 0) return null;
    const same = found.find(({ route }) => route.method === method);
    if (!same)
      throw notAllowed(
        method,
        segments,
        found.map(({ route }) => route.method),
      );
    const id = idOfSegments(segments);
    const length = id.resourceGroup !== null ? 4 : id.subscriptionId !== null ? 2 : 0;
    return { kind: 'route', ...same, scope: idOfSegments(segments.slice(0, length)) };
  };

  const findExtension = (method: string, segments: readonly string[]): Destination | null => {
    const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
    const [namespace, name, instance, ...rest] = at < 0 ? [] : segments.slice(at + 1);
    const type = types.get(`${namespace}/${name}`.toLowerCase());
    if (type?.scope !== 'extension' || rest.length > 0) return null;
    const scope = segments.slice(0, at);
    if (!isScope(scope)) throw nothingAt(segments);
    return instance === undefined ? collection(method, type, segments, scope) : resource(method, type, segments, scope);
  };

  const findAction = (
    method: string,
    type: ResourceType,
    id: readonly string[],
    rest: readonly string[],
  ): Destination | null => {
    const found = (type.actions ?? []).flatMap((action) => {
      const parameters = matches(split(action.path), rest);
      return parameters ? [{ action, parameters }] : [];
    });
    if (found.length === 0) return null;
    const same = found.find(({ action }) => action.method === method);
    if (!same)
      throw notAllowed(
        method,
        [...id, ...rest],
        found.map(({ action }) => action.method),
      );
    return { kind: 'action', type, id: idOfSegments(id), ...same };
  };

  const findProvided = (method: string, segments: readonly string[], scopeLength: number): Destination => {
    const [, namespace = '', ...chain] = segments.slice(scopeLength);
    if (!namespaces.has(namespace.toLowerCase()))
      throw new ServiceError(
        404,
        'InvalidResourceNamespace',
        `The resource namespace '${namespace}' is invalid. Namespaces: ${[...new Set(registry.types.map((type) => type.type.split('/')[0]))].join(', ')}.`,
        { target: 'path' },
      );
    const nameOf = (length: number) =>
      [namespace, ...chain.slice(0, length).filter((_, index) => index % 2 === 0)].join('/');
    const typeAt = (length: number) => {
      const type = types.get(nameOf(length).toLowerCase());
      return type?.scope === 'extension' ? undefined : type;
    };
    let depth = 0;
    while (depth + 2 <= chain.length && typeAt(depth + 2)) depth += 2;
    const rest = chain.slice(depth);
    const prefix = segments.slice(0, segments.length - rest.length);
    const scopeOf = (length: number) => segments.slice(0, length === 0 ? scopeLength : scopeLength + 2 + length);
    const type = typeAt(depth);
    const collected = rest.length === 1 ? typeAt(depth + 1) : undefined;
    const found = depth > 0 || rest.length === 1 ? (collected ?? type) : undefined;
    if (!found) throw unknownType(namespace, nameOf(chain.length).slice(namespace.length + 1));
    if (found.scope === 'resourceGroup' && scopeLength < 4 && !(collected && depth === 0 && scopeLength === 2))
      throw new ServiceError(
        404,
        'InvalidResourceType',
        `Resources of the type '${found.type}' are in a resource group: /subscriptions/{id}/resourceGroups/{group}/providers/${found.type}/{name}.`,
        { target: 'path' },
      );
    if (collected) return collection(method, collected, segments, scopeOf(depth));
    if (rest.length === 0) return resource(method, found, segments, scopeOf(depth - 2));
    const action = findAction(method, found, prefix, rest);
    if (!action) throw unknownType(namespace, nameOf(chain.length).slice(namespace.length + 1));
    return action;
  };

  return (method, segments) => {
    const route = findRoute(method, segments);
    if (route) return route;
    const extension = findExtension(method, segments);
    if (extension) return extension;
    const id = idOfSegments(segments);
    const group = types.get(groupType.toLowerCase());
    const second = segments[2]?.toLowerCase();
    if (group && id.subscriptionId !== null && second === 'resourcegroups') {
      if (segments.length === 3) return collection(method, group, segments, segments.slice(0, 2));
      if (segments.length === 4) return resource(method, group, segments, segments.slice(0, 2));
    }
    const scopeLength = id.resourceGroup !== null ? 4 : id.subscriptionId !== null ? 2 : 0;
    if (segments[scopeLength]?.toLowerCase() === 'providers' && segments.length > scopeLength + 1)
      return findProvided(method, segments, scopeLength);
    throw nothingAt(segments);
  };
};
