/**
 * Steps of the schema, in order; a database's `user_version` is the number of steps it has taken.
 * A step that was released is never edited: add another.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE containers (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE images (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE refs (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE networks (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE volumes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE settings (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  `CREATE TABLE pods (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
   CREATE TABLE sandboxes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;`,
];
