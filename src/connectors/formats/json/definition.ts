import { group, text } from '../../property-schema.ts';
import type { FormatDefinition } from '../definition.ts';

/** JSON: objects, one after the other or in one list. */
export const json: FormatDefinition = {
  type: 'Json',
  source: 'JsonSource',
  sink: 'JsonSink',
  summary: 'Rows as JSON objects: one after the other, or as the items of one list.',
  typeProperties: group({ encodingName: text }),
  isHierarchical: true,
  // JSON has text, numbers of any length, true and false.
  keeps: (type) => (['Guid', 'DateTime', 'DateTimeOffset', 'TimeSpan', 'Binary'].includes(type) ? 'String' : type),
  open: () => import('./open.ts'),
};
