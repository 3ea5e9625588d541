// A tiny resource type, with a child, for tests of the front door itself.
import { Type } from 'typebox';
import type { ResourceType } from '../../src/arm/resource-type.ts';

/** What happened to widgets, in order. */
export type WidgetLog = string[];

const base = {
  scope: 'resourceGroup',
  apiVersions: ['2020-01-01'],
  status: { created: 201, updated: 200 },
} as const;

const name = {
  pattern: /^[A-Za-z][\w -]*$/,
  min: 2,
  max: 20,
  says: 'a letter, then letters, digits, spaces and hyphens',
};

/** `Test.Widget/widgets` (tracked, with an `eTag`) and `widgets/parts` (children, with a conditional GET). */
export const widgetTypes = (log: WidgetLog = []): ResourceType[] => [
  {
    ...base,
    type: 'Test.Widget/widgets',
    name,
    tracked: true,
    schema: Type.Object({ properties: Type.Object({ size: Type.Optional(Type.Integer({ minimum: 1 })) }) }),
    etag: 'eTag',
    conditionalGet: true,
    write: async (operation) => {
      operation.afterCommit(async () => log.push(`committed ${operation.id.names[0]}`));
      if (operation.body.explode === true) throw new Error('a secret of the inside');
      if (operation.body.explodeLater === true)
        operation.afterCommit(async () => {
          throw new Error('a secret of the inside');
        });
      operation.afterCommit(async () => log.push(`last of ${operation.id.names[0]}`));
      return operation.body;
    },
    remove: async (operation, existing, isAsked) => {
      log.push(`remove ${existing.name} ${isAsked ? 'asked' : 'with its ancestor'}`);
      operation.afterCommit(async () => log.push(`removed ${existing.name}`));
    },
    actions: [
      {
        path: 'spin/{speed}',
        method: 'POST',
        permission: 'Test.Widget/widgets/spin/action',
        body: Type.Object({ times: Type.Optional(Type.Integer()) }),
        run: async (operation, resource, { speed }) => ({
          body: { name: resource.name, speed: speed ?? null, times: operation.body.times ?? null },
        }),
      },
      {
        path: 'providers/Postern.Test/look',
        method: 'POST',
        permission: 'Test.Widget/widgets/read',
        run: async () => ({ body: {} }),
      },
    ],
  },
  {
    ...base,
    type: 'Test.Widget/widgets/parts',
    name,
    tracked: false,
    schema: Type.Object({ properties: Type.Optional(Type.Object({})) }),
    etag: 'etag',
    conditionalGet: false,
    remove: async (_operation, existing, isAsked) => {
      log.push(`remove ${existing.name} ${isAsked ? 'asked' : 'with its ancestor'}`);
    },
  },
];
