import type { ConnectorDefinition } from '../definition.ts';
import { group, text } from '../property-schema.ts';

/** The living template of a connector: a store of one file that nobody can write. */
export const helloWorld: ConnectorDefinition = {
  type: 'HelloWorld',
  summary: 'A store that holds one small file, `hello.txt`: proves that a pipeline runs, without any network.',
  typeProperties: group({ greeting: text }),
  files: {
    location: 'HelloWorldLocation',
    locationSchema: group({ fileName: text }),
    readSettings: 'HelloWorldReadSettings',
    writeSettings: null,
    open: () => import('./open.ts'),
  },
  look: () => import('./look.ts'),
};
