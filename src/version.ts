/** Version of craft-xai; the same as in package.json, which a test checks. */
export const VERSION = '0.1.0';
