export function argumentsOf(bytes: 100 | 1024): (index: number) => Record<string, unknown>
export function bytesOf(args: unknown): number
