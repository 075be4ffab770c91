/** The columns that a request is read from. */
export const REQUEST_COLUMNS = 'id, version, content, state'

/** The columns that a tombstone is read from. */
export const TOMBSTONE_COLUMNS = 'request, digest, status'

/** Columns that no move changes: what a request is, and not how it stands. `content` goes with them. */
export const FIXED_NAMES = ['action', 'shape', 'requester', 'run', 'key', 'created_at', 'digest'] as const

/** Columns that a move changes. */
export const MOVING_NAMES = ['version', 'status', 'due_at', 'last_seq'] as const
