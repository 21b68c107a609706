import { openDatabase } from '../storage/index.ts'
import { LEASE_MIGRATIONS, sqliteBook } from './sqlite-book.ts'
import { bookSuite } from './testing/book-suite.ts'

const db = openDatabase(':memory:', LEASE_MIGRATIONS)
bookSuite('a book in SQLite', () => sqliteBook(db))
