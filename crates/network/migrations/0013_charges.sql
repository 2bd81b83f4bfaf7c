-- What was delivered and what it cost, by half hours and templates: for analytics that bills are too coarse for. Columns as in bill_line; at: the half
-- hour's first millisecond, UTC; template: 0 for none. Kept as long as half hours of statistics are.
CREATE TABLE charge (
  business BLOB NOT NULL,
  at INTEGER NOT NULL,
  template INTEGER NOT NULL,
  currency TEXT NOT NULL,
  market TEXT NOT NULL,
  country TEXT NOT NULL,
  category INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  tier TEXT NOT NULL,
  count INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (business, at, template, currency, market, country, category, kind, tier)
) STRICT;

-- against: customers who blocked or reported the business after a template, each once in the time that its quality is judged by.
ALTER TABLE statistic ADD COLUMN against INTEGER NOT NULL DEFAULT 0;
