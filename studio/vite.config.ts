// Builds the Studio into `studio/dist`, which the server serves below /studio/. Nothing is fetched from anywhere.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { packed } from './packed.ts';
import { schemaModule } from './schema-module.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: '/studio/',
  plugins: [react(), schemaModule(), packed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2024',
    // A data: address is what the page's policy lets images be, and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
});
