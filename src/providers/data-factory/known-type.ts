// The types that run here, out of the registries of activities, stores and formats. What is added there is checked here.
import { type TSchema, Type } from 'typebox';
import { activities } from '../../activities/registry.ts';
import { formats } from '../../connectors/formats/registry.ts';
import { connectors } from '../../connectors/registry.ts';
import type { AuthoringSchemas } from './schema.ts';

const Location = Type.Object({ type: Type.String({ minLength: 1 }) });
const Compression = Type.Object({ type: Type.Optional(Type.Unknown()) });

const file = { location: Location, compression: Type.Optional(Compression) };
const Wait = Type.Object({
  waitTimeInSeconds: Type.Union([Type.Number({ minimum: 0 }), Type.String(), Type.Object({})]),
});

/** Schemas of everything that runs here. */
export const knownTypes: AuthoringSchemas = {
  linkedServices: new Map(connectors.map((connector) => [connector.type, connector.typeProperties])),
  datasets: new Map<string, TSchema>([
    ['Binary', Type.Object(file)],
    ...formats.map((format): [string, TSchema] => [
      format.type,
      Type.Intersect([format.typeProperties, Type.Object(file)]),
    ]),
    ...connectors.flatMap(({ tables }): [string, TSchema][] =>
      tables ? [[tables.dataset, tables.datasetSchema]] : [],
    ),
  ]),
  locations: new Map(connectors.flatMap(({ files }) => (files ? [[files.location, files.locationSchema]] : []))),
  activities: new Map([
    ...activities.map((activity) => [activity.type, activity.typeProperties] as const),
    ['Wait', Wait],
  ]),
};
