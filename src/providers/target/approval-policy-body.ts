// Approval policies as they are stored: checked once when they are written, and read into the shape that the rules take.
import { Type } from 'typebox';
import { parseResourceId, typeOfId } from '../../arm/resource-id.ts';
import { ServiceError } from '../../base/error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Tx } from '../../database/database.ts';
import { listChildren, readResource } from '../../database/resource.ts';
import { type ApprovalPolicy, longestExpiryMs, readDuration } from '../../private-link/approval-policy.ts';
import type { TargetKind } from './target.ts';

/** The type of the resource that an owner sets on a target. */
export const approvalPolicyType = 'Postern.Network/approvalPolicies';

const mostNamed = 1000;
const mostApprovers = 10;
const ids = Type.Optional(
  Type.Union([Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), { maxItems: mostNamed }), Type.Null()]),
);

/** The body of a PUT. */
export const ApprovalPolicyBody = Type.Object({
  properties: Type.Object({
    who: Type.Optional(Type.Union([Type.Object({ principals: ids, factories: ids, subscriptions: ids }), Type.Null()])),
    groupIds: ids,
    minimumApprovers: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: mostApprovers }), Type.Null()])),
    expiresAfter: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
  }),
});

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const textsOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map(String) : []);
const unique = (values: readonly string[]) => [...new Set(values)];

const refuse = (field: string, message: string) =>
  new ServiceError(400, 'InvalidApprovalPolicy', `'${field}' ${message}`, { target: field });

const guid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const factoryType = 'microsoft.datafactory/factories';

const readPrincipal = (written: string, field: string): string => {
  if (guid.test(written)) return written.toLowerCase();
  throw refuse(field, `must be the object id of a principal (a GUID), not ${JSON.stringify(written)}.`);
};

const readFactory = (written: string, field: string): string => {
  const id = parseResourceId(written, field);
  if (typeOfId(id)?.toLowerCase() === factoryType) return id.path;
  throw refuse(
    field,
    `must be the id of a factory, as /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.DataFactory/factories/{name}.`,
  );
};

const readSubscription = (written: string, field: string): string => {
  const id = written.replace(/^\/subscriptions\//i, '');
  if (guid.test(id)) return id.toLowerCase();
  throw refuse(field, `must be the id of a subscription (a GUID), not ${JSON.stringify(written)}.`);
};

const readAll = (value: Json | undefined, field: string, read: (written: string, field: string) => string) =>
  unique(textsOf(value).map((written, index) => read(written, `${field}[${index}]`)));

const readExpiry = (value: Json | undefined): string | null => {
  if (typeof value !== 'string') return null;
  const field = 'properties.expiresAfter';
  const lasts = readDuration(value);
  if (lasts === null)
    throw refuse(
      field,
      `must be an ISO 8601 duration of weeks, days, hours, minutes and seconds (P30D, PT1H), not ${JSON.stringify(value)}. Months and years differ in length: write days.`,
    );
  if (lasts < 1000 || lasts > longestExpiryMs)
    throw refuse(field, `must be between a second (PT1S) and ten years (P3650D).`);
  return value;
};

/** The properties to store for a body that fits the schema, in one spelling. Error: `InvalidApprovalPolicy`, which names the field. */
export const storedPolicy = (asked: JsonObject, kind: TargetKind): JsonObject => {
  const who = objectOf(asked.who);
  const groupIds = readAll(asked.groupIds, 'properties.groupIds', (written, field) => {
    const known = kind.groupIds.find((one) => one.toLowerCase() === written.toLowerCase());
    if (known !== undefined) return known;
    throw refuse(
      field,
      kind.whole
        ? `must be left out: '${kind.type}' has no sub-resources.`
        : `is ${JSON.stringify(written)}, which '${kind.type}' does not have: ${kind.groupIds.join(', ')}.`,
    );
  });
  const named = {
    principals: readAll(who.principals, 'properties.who.principals', readPrincipal),
    factories: readAll(who.factories, 'properties.who.factories', readFactory),
    subscriptions: readAll(who.subscriptions, 'properties.who.subscriptions', readSubscription),
  };
  const minimumApprovers = typeof asked.minimumApprovers === 'number' ? asked.minimumApprovers : null;
  if (minimumApprovers !== null && Object.values(named).some((list) => list.length > 0))
    throw refuse(
      'properties.who',
      'names who is approved at once, but minimumApprovers wants people to approve. Leave one of them out, or write two policies for different groupIds.',
    );
  return { ...asked, who: named, groupIds, minimumApprovers, expiresAfter: readExpiry(asked.expiresAfter) };
};

const policyOf = (name: string, body: JsonObject): ApprovalPolicy => {
  const { who, groupIds, minimumApprovers, expiresAfter } = objectOf(body.properties);
  const { principals, factories, subscriptions } = objectOf(who);
  return {
    name,
    who: { principals: textsOf(principals), factories: textsOf(factories), subscriptions: textsOf(subscriptions) },
    groupIds: textsOf(groupIds),
    minimumApprovers: typeof minimumApprovers === 'number' ? minimumApprovers : null,
    expiresAfterMs: typeof expiresAfter === 'string' ? readDuration(expiresAfter) : null,
  };
};

/** The policies that stand on a target. */
export const policiesOfTarget = async (tx: Tx, targetKey: string): Promise<ApprovalPolicy[]> =>
  (await listChildren(tx, { type: approvalPolicyType, parentKey: targetKey })).map(({ name, body }) =>
    policyOf(name, body),
  );

/** Who set a policy last. */
export const setterOf = async (
  tx: Tx,
  targetKey: string,
  name: string,
): Promise<{ objectId: string; name: string }> => {
  const policy = await readResource(tx, `${targetKey}/providers/${approvalPolicyType}/${name}`.toLowerCase());
  const setBy = objectOf(objectOf(policy?.body.properties).setBy);
  return { objectId: String(setBy.objectId ?? ''), name: String(setBy.name ?? '') };
};
