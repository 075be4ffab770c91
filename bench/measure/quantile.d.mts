export function quantile(values: ArrayLike<number>, share: number): number
export function median(values: ArrayLike<number>): number
