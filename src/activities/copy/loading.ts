// What the settings of a sink say of how its rows are loaded. Pure.
import { flagAt, propertyError } from '../../connectors/property.ts';
import type { Loading } from '../../connectors/row/loading.ts';
import type { Side } from './side.ts';

const plain: Loading = {
  rejects: undefined,
  defaults: [],
  usesTypeDefaults: false,
  dateOrder: undefined,
  facts: {},
};

/** Reads them. A way of loading that the store does not have is refused by name. */
export const readLoading = (sink: Side): Loading => {
  if (sink.kind === 'table' && sink.connector.tables.readLoading)
    return sink.connector.tables.readLoading(sink.settings);
  for (const name of ['allowCopyCommand', 'allowPolyBase'])
    if (flagAt(sink.settings, name))
      throw propertyError(
        sink.settings,
        name,
        'is a setting of SqlDWSink, the sink of a dedicated SQL pool: remove it',
      );
  return plain;
};
