declare const INBOX_ASSETS: { readonly icon: string; readonly script: string; readonly style: string }

/** What browsers load, made of `client/` by the build, and by the test runner: `define` in `tsup.config.ts` and `vitest.config.ts`. */
export const assets = INBOX_ASSETS
