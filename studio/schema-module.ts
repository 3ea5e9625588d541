// `virtual:postern-schema`: what the API validates with, as plain JSON, for the Studio's forms. Read from the server's own
// registries while the Studio is built, so that a store or an activity that is added there has its form here.
import type { Plugin } from 'vite';

const name = 'virtual:postern-schema';
const resolved = `\0${name}`;

// Not an import that the build could follow: the registries know how to load every store's client.
const fromServer = (place: string) => import(new URL(`../src/${place}`, import.meta.url).href);

const read = async () => {
  const [{ connectors }, { formats }, { activities }] = await Promise.all([
    fromServer('connectors/registry.ts'),
    fromServer('connectors/formats/registry.ts'),
    fromServer('activities/registry.ts'),
  ]);
  return { connectors, formats, activities };
};

/** The plugin that serves the module. Functions are left out: they are how the server runs things. */
export const schemaModule = (): Plugin => ({
  name: 'postern-schema',
  resolveId: (id) => (id === name ? resolved : null),
  load: async (id) => (id === resolved ? `export default ${JSON.stringify(await read())}` : null),
});
