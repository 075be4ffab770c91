/** What `src/inbox/assets.json` has to hold. */
export function buildAssets(): string
