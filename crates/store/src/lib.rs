//! Ordered keys under serialisable transactions, typed tables, the SQLite back end
