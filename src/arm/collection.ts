// Lists: a page of what the caller may read, and the link to the next.
import type { JsonObject } from '../base/json.ts';
import { listBelow, listChildren, type Resource } from '../database/resource.ts';
import { readScope } from './containment.ts';
import { listKept } from './kept-life.ts';
import { nextLink, readPageAsk } from './page.ts';
import { permissionFor } from './permission.ts';
import { present } from './presentation.ts';
import type { ArmReply, ArmRequest } from './request.ts';
import type { ResourceId } from './resource-id.ts';
import type { ResourceType } from './resource-type.ts';

type Ask = { type: ResourceType; scope: ResourceId };

/** Collects a page out of `fetch`, skipping what `isVisible` hides. One more than `limit` tells that there is a next. */
const collect = async (
  fetch: (after: string, limit: number) => Promise<Resource[]>,
  isVisible: (resource: Resource) => boolean,
  ask: { after: string; limit: number },
): Promise<{ page: Resource[]; hasMore: boolean }> => {
  const page: Resource[] = [];
  let after = ask.after;
  while (page.length <= ask.limit) {
    const batch = await fetch(after, ask.limit + 1);
    page.push(...batch.filter(isVisible));
    if (batch.length <= ask.limit) break;
    after = batch.at(-1)!.key;
  }
  return { page: page.slice(0, ask.limit), hasMore: page.length > ask.limit };
};

/** Answers a GET of a collection. */
export const listCollection = async (request: ArmRequest, { type, scope }: Ask): Promise<ArmReply> => {
  const { access } = request;
  const permission = permissionFor(type, scope, 'read');
  const operation = { ...request.operation, id: scope };
  if (type.kept) {
    access.demand(permission, scope.path);
    return listKept(request, operation, { id: scope, kept: type.kept });
  }
  const scopePath = scope.path;
  const seesAll = access.may(permission, scopePath);
  const isVisible = (id: string) => seesAll || access.may(permission, id);
  // Who may read nothing at all below a group or a resource is told so; a subscription's lists are just empty.
  const demandIfNothing = (count: number) => {
    if (count === 0 && !seesAll && (scope.resourceGroup !== null || scope.key === '/'))
      access.demand(permission, scopePath);
  };
  const parent = await readScope(operation.tx, scope, false).catch((error: unknown) => {
    // Who may not look does not learn what is missing either.
    if (!seesAll && scope.resourceGroup !== null) access.demand(permission, scopePath);
    throw error;
  });

  const page = readPageAsk(operation.query);
  const reply = (value: JsonObject[], last: string | undefined): ArmReply => ({
    status: 200,
    body: {
      value,
      ...(last !== undefined && { nextLink: nextLink(operation.origin, request.segments, operation.query, last) }),
    },
  });

  if (type.rows) {
    const all = (await type.rows.list(operation, parent)).filter((row) => isVisible(String(row.id)));
    demandIfNothing(all.length);
    const sorted = all
      .map((row) => ({ key: String(row.id).toLowerCase(), row }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .filter(({ key }) => key > page.after);
    const shown = sorted.slice(0, page.limit);
    return reply(
      shown.map(({ row }) => row),
      sorted.length > shown.length ? shown.at(-1)!.key : undefined,
    );
  }

  const isChildList = scope.namespace !== null || scope.resourceGroup !== null || type.scope === 'subscription';
  const fetch = (after: string, limit: number) =>
    isChildList
      ? listChildren(operation.tx, { type: type.type, parentKey: scope.key, after, limit })
      : listBelow(operation.tx, { scopeKey: scope.key, type: type.type, after, limit });
  const { page: resources, hasMore } = await collect(fetch, ({ key }) => isVisible(key), page);
  if (page.after === '') demandIfNothing(resources.length);
  const value: JsonObject[] = [];
  for (const resource of resources) value.push(await present(type, operation, resource));
  return reply(value, hasMore ? resources.at(-1)!.key : undefined);
};
