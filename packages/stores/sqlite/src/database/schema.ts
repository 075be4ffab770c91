/** A step from one version of the schema to the next. */
export type Migration = readonly string[]

/**
 * The schema, as steps: version n is what the first n steps made. A step that was released is never changed.
 *
 * What is asked for stands in columns, and stands there in clear; all else is one document a row. Times are REAL, since they
 * may be any double.
 */
export const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE requests (
      place INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      status TEXT NOT NULL,
      action TEXT NOT NULL,
      shape TEXT NOT NULL,
      requester TEXT NOT NULL,
      run TEXT,
      key TEXT UNIQUE,
      created_at REAL NOT NULL,
      due_at REAL,
      decided INTEGER,
      last_seq INTEGER NOT NULL,
      change INTEGER NOT NULL,
      digest TEXT NOT NULL,
      doc NOT NULL
    )`,
    'CREATE INDEX requests_created ON requests (created_at)',
    'CREATE INDEX requests_status ON requests (status, created_at)',
    'CREATE INDEX requests_action ON requests (action, status, created_at)',
    'CREATE INDEX requests_shape ON requests (action, shape, created_at)',
    'CREATE INDEX requests_requester ON requests (requester, status, created_at)',
    'CREATE INDEX requests_run ON requests (run, created_at) WHERE run IS NOT NULL',
    'CREATE INDEX requests_due ON requests (due_at) WHERE due_at IS NOT NULL',
    'CREATE INDEX requests_similar ON requests (action, shape, decided) WHERE decided IS NOT NULL',
    'CREATE INDEX requests_change ON requests (change)',
    `CREATE TABLE tombstones (
      key TEXT PRIMARY KEY, request TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL
    ) WITHOUT ROWID`,
    // Grows by one with each transaction that changes requests: what processes tell changes by.
    'CREATE TABLE changes (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL)',
    'INSERT INTO changes VALUES (1, 0)',
    // "log" is the first that acknowledged the event; others have a receipt each, which goes with the event.
    `CREATE TABLE events (
      place INTEGER PRIMARY KEY,
      subject TEXT NOT NULL,
      seq INTEGER NOT NULL,
      log TEXT,
      doc NOT NULL,
      UNIQUE (subject, seq)
    )`,
    'CREATE INDEX events_unpublished ON events (log) WHERE log IS NULL',
    `CREATE TABLE receipts (
      place INTEGER NOT NULL, log TEXT NOT NULL, PRIMARY KEY (place, log)
    ) WITHOUT ROWID`,
    'CREATE TABLE deliveries (id TEXT PRIMARY KEY, request TEXT NOT NULL, due_at REAL, doc NOT NULL)',
    'CREATE INDEX deliveries_request ON deliveries (request)',
    'CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL',
    'CREATE TABLE leases (process TEXT PRIMARY KEY, ends_at REAL NOT NULL) WITHOUT ROWID',
    'CREATE TABLE credentials (id TEXT PRIMARY KEY, doc NOT NULL)',
    `CREATE TABLE grants (
      id TEXT PRIMARY KEY,
      version INTEGER NOT NULL,
      action TEXT NOT NULL,
      requester TEXT NOT NULL,
      uses_left REAL NOT NULL,
      expires_at REAL NOT NULL,
      revoked INTEGER NOT NULL,
      doc NOT NULL
    )`,
    'CREATE INDEX grants_active ON grants (requester, action) WHERE revoked = 0 AND uses_left > 0',
    'CREATE TABLE links (id TEXT PRIMARY KEY, doc NOT NULL)',
    'CREATE TABLE windows (key TEXT PRIMARY KEY, from_at REAL NOT NULL, until_at REAL NOT NULL, hits INTEGER NOT NULL)',
    'CREATE INDEX windows_until ON windows (until_at)',
    'CREATE TABLE marks (id TEXT PRIMARY KEY, until_at REAL NOT NULL, doc NOT NULL)',
    'CREATE INDEX marks_until ON marks (until_at)',
  ],
  // Messages of earlier versions have no time to be looked at: each is looked at once, and gets one where it needs it.
  [
    'UPDATE deliveries SET due_at = 0 WHERE due_at IS NULL',
    'DROP INDEX deliveries_due',
    'CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE due_at IS NOT NULL',
  ],
  // What no move changes is written once, in a document of its own: "content". "state" is the rest, or all of a request that was
  // saved before. The new name keeps out a process that is still running the older code: it would read half a request.
  ['ALTER TABLE requests RENAME COLUMN doc TO state', 'ALTER TABLE requests ADD COLUMN content'],
]

/** Where documents stand, and what in their row each is bound to. */
export const DOCUMENTS = {
  requests: { table: 'requests', column: 'state', binding: 'id, version' },
  contents: { table: 'requests', column: 'content', binding: 'id' },
  events: { table: 'events', column: 'doc', binding: 'subject, seq' },
  deliveries: { table: 'deliveries', column: 'doc', binding: 'id' },
  credentials: { table: 'credentials', column: 'doc', binding: 'id' },
  grants: { table: 'grants', column: 'doc', binding: 'id' },
  links: { table: 'links', column: 'doc', binding: 'id' },
  marks: { table: 'marks', column: 'doc', binding: 'id' },
} as const

/** A kind of document. */
export type DocumentKind = keyof typeof DOCUMENTS
