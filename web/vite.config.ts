import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';
import { trustedTemplates } from './build/trusted-templates.ts';

/** Where `vite dev` finds the BFF. */
const bff = { target: 'http://localhost:3000', ws: true };

export default defineConfig({
  plugins: [solid(), trustedTemplates()],
  build: {
    target: 'es2023',
    // Keeps oklch() and nesting as written.
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    // The CSP knows no data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  server: { proxy: { '/bff': bff, '/api': bff, '/realtime': bff } },
});
