// A page with craft-xai/web at hand: what a test evaluates in it is compiled here, where `import` means another.

import type * as Web from '../../../src/web.ts';

export const HARNESS = `<!doctype html><title>harness</title>
<script type="module">import * as web from './web.js'; globalThis.web = web;</script>`;

export interface Harness {
  web: typeof Web;
}
