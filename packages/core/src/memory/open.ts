/**
 * The store's time. Asked at the beginning of each method.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE` once the store was closed
 */
export type Open = () => number
