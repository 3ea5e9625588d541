// Packs what is built once, so that nobody waits for it at each request.
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const pack = promisify(brotliCompress);
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** The plugin: beside each script and style sheet stands the same as `.br`. */
export const packed = (): Plugin => ({
  name: 'packed',
  generateBundle: {
    order: 'post',
    async handler(_options, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => /\.(js|css)$/.test(fileName));
      const all = files.map(async (file) => ({
        fileName: `${file.fileName}.br`,
        source: await pack(file.type === 'chunk' ? file.code : file.source, quality),
      }));
      for (const one of await Promise.all(all)) this.emitFile({ type: 'asset', ...one });
    },
  },
});
